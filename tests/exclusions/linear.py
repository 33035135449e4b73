"""The plain meaning of rules: a scan of all of them; and strategies in which rules meet often."""

from hypothesis import strategies as st
from stdnum import luhn

from screening.exclusions.rules import Match, Rule, parse_rule
from screening.vocabulary.normalise import normalise
from screening.vocabulary.selector import Canonical, SelectorKind

ORDER = [Match.EXACT, Match.RANGE, Match.DOMAIN, Match.MAILBOX]
RESPELLING_PROVIDERS = ["gmail.com", "proton.me"]


def found_by_scan(rules: list[Rule], canonical: Canonical) -> Rule | None:
    """Return the most specific rule that covers `canonical`."""
    first: dict[bytes, Rule] = {}
    for rule in rules:
        first.setdefault(rule.identity(), rule)
    covering = [rule for rule in first.values() if covers(rule, canonical)]
    return min(covering, key=lambda rule: _rank(rule, canonical), default=None)


def covers(rule: Rule, canonical: Canonical) -> bool:
    if rule.kind is not canonical.kind:
        return False
    text, value = canonical.text, rule.value
    if rule.match is Match.EXACT:
        return text == value
    if rule.match is Match.RANGE:
        return _is_between(text, value)
    local, domain = text.split("@")
    if rule.match is Match.DOMAIN:
        return f".{domain}".endswith(f".{value}")
    return local.split("+")[0] == value or _is_respelled(text, value)


def _is_between(text: str, value: str) -> bool:
    first, last = value.split("..")
    if len(text) != len(first):
        return False
    compared = [at for at, character in enumerate(first) if character != "x"]
    read = ["".join(number[at] for at in compared) for number in (first, text, last)]
    return read == sorted(read)


def _is_respelled(text: str, name: str) -> bool:
    return any(
        normalise(SelectorKind.EMAIL, f"{name}@{domain}").text == text
        for domain in RESPELLING_PROVIDERS
    )


def _rank(rule: Rule, canonical: Canonical) -> tuple[object, ...]:
    specific = 0
    if rule.match is Match.RANGE:
        first, last = rule.value.split("..")
        kept = [at for at, c in enumerate(first) if c.isdigit()]
        low, high = ("".join(number[at] for at in kept) for number in (first, last))
        specific = (int(high) - int(low) + 1) * 10 ** first.count("x")
    elif rule.match is Match.DOMAIN:
        specific = -len(rule.value)
    elif rule.match is Match.MAILBOX:
        specific = int(canonical.text.split("@")[0].split("+")[0] != rule.value)
    return ORDER.index(rule.match), specific, rule.identity()


def phone(line: int, area: int = 202) -> str:
    return f"+1{area}555{line:04}"


def card(account: int) -> str:
    digits = f"41111111{account:04}111"
    return digits + luhn.calc_check_digit(digits)


LINES = st.integers(100, 130)
AREAS = st.integers(200, 203)
ACCOUNTS = st.integers(0, 30)
LOCALS = st.sampled_from(["info", "INFO+tag", "no-reply", "noreply", "no.reply", "jo", "jo+info"])
DOMAINS = st.sampled_from(
    ["a.example", "b.a.example", "ba.example", "b.test", "gmail.com", "googlemail.com", "pm.me"]
)
SELECTORS = st.one_of(
    st.builds(lambda line, area: normalise("phone", phone(line, area)), LINES, AREAS),
    st.just(normalise("phone", "+33639980123")),  # as long as the others, of another country
    st.builds(lambda account: normalise("card", card(account)), ACCOUNTS),
    st.builds(lambda local, domain: normalise("email", f"{local}@{domain}"), LOCALS, DOMAINS),
)


@st.composite
def rules(draw: st.DrawFn) -> Rule:
    """Any rule about the selectors above, wide ones included."""
    kind, match, value = draw(
        st.one_of(
            st.tuples(st.just("phone"), st.just("exact"), st.builds(phone, LINES, AREAS)),
            st.tuples(st.just("phone"), st.just("range"), _phone_ranges()),
            st.tuples(st.just("card"), st.just("exact"), st.builds(card, ACCOUNTS)),
            st.tuples(st.just("card"), st.just("range"), _card_ranges()),
            st.tuples(
                st.just("email"),
                st.just("exact"),
                st.builds(lambda local, domain: f"{local}@{domain}", LOCALS, DOMAINS),
            ),
            st.tuples(st.just("email"), st.just("domain"), DOMAINS | st.just("example")),
            st.tuples(
                st.just("email"),
                st.just("mailbox"),
                st.sampled_from(["info", "no-reply", "noreply", "no.reply", "jo"]),
            ),
        )
    )
    note = draw(st.sampled_from(["", "first", "second"]))
    return parse_rule(kind, match, value, category="other", note=note, wide=True)


@st.composite
def _phone_ranges(draw: st.DrawFn) -> str:
    first, last = sorted([draw(LINES), draw(LINES)])
    area = draw(st.sampled_from(["202", "203", "2x2", "xxx", "20x"]))
    written = f"+1{area}555{first:04}..+1{area}555{last:04}"
    return draw(st.sampled_from([written, written, f"+1{area}55501xx"]))


@st.composite
def _card_ranges(draw: st.DrawFn) -> str:
    first, last = sorted([draw(ACCOUNTS), draw(ACCOUNTS)])
    bank = draw(st.sampled_from(["41111111", "411x1111", "4xxxxxxx"]))
    return f"{bank}{first:04}0000..{bank}{last:04}9999"
