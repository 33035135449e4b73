"""What becomes of a rule that a person writes, and what is refused in which words."""

import pytest

from screening.exclusions.rules import RULE_COLUMNS, Rule, parse_row, parse_rule
from screening.vocabulary.errors import OperatorError


def value_of(kind: str, match: str, value: str, *, wide: bool = False) -> str:
    return parse_rule(kind, match, value, category="other", wide=wide).value


def refusal(kind: str, match: str, value: str) -> str:
    with pytest.raises(OperatorError) as refused:
        parse_rule(kind, match, value, category="other")
    return str(refused.value)


@pytest.mark.parametrize(
    ("kind", "match", "written", "value"),
    [
        ("phone", "exact", "+1 (202) 555-0142", "+12025550142"),
        ("card", "exact", "4111 1111 1111 1111", "4111111111111111"),
        ("email", "exact", "J.Doe+x@GoogleMail.com", "jdoe@gmail.com"),
        ("phone", "range", "+1 202-555-0100 .. +1 202-555-0149", "+12025550100..+12025550149"),
        ("phone", "range", "+1 202 555 xxxx", "+12025550000..+12025559999"),
        ("phone", "range", "+1 XXX 555 01XX", "+1xxx5550100..+1xxx5550199"),
        ("phone", "range", "+120255500xx..+120255501xx", "+12025550000..+12025550199"),
        ("card", "range", "4111-11xx-xxxx-xxxx", "4111110000000000..4111119999999999"),
        (
            "card",
            "range",
            "411111x100000000..411111x199999999",
            "411111x100000000..411111x199999999",
        ),
        ("email", "domain", "Agency.EXAMPLE", "agency.example"),
        ("email", "domain", "@agency.example", "agency.example"),
        ("email", "domain", "*.agency.example", "agency.example"),
        ("email", "domain", ".example", "example"),
        ("email", "domain", "b\u00fcro.example", "xn--bro-hoa.example"),
        ("email", "mailbox", "Postmaster", "postmaster"),
        ("email", "mailbox", " no-reply@ ", "no-reply"),
    ],
)
def test_every_spelling_of_a_rule_has_one_value(
    kind: str, match: str, written: str, value: str
) -> None:
    assert value_of(kind, match, written) == value
    assert value_of(kind, match, value) == value


def test_a_region_completes_phones() -> None:
    rule = parse_rule("phone", "exact", "020 7946 0958", category="test", region="GB")
    assert rule.value == "+442079460958"
    written = "020 7946 0000..020 7946 0999"
    rule = parse_rule("phone", "range", written, category="test", region="GB")
    assert rule.value == "+442079460000..+442079460999"


@pytest.mark.parametrize(
    ("kind", "match", "written", "said"),
    [
        ("phone", "exact", "202 555 0142", "no country code"),
        ("phone", "exact", "988", "no country code"),
        ("phone", "exact", "+1 988", "too short"),
        ("card", "exact", "4111 1111 1111 1112", "check digit"),
        ("email", "exact", "agency.example", "not an e-mail address"),
        ("phone", "domain", "agency.example", "has match exact or range"),
        ("phone", "mailbox", "abuse", "has match exact or range"),
        ("email", "range", "a..b", "has match exact, domain or mailbox"),
        ("phone", "range", "+12025550100", "a range is FROM..TO"),
        ("phone", "range", "+12025550100..+12025550110..+12025550120", "a range is FROM..TO"),
        ("phone", "range", "+12025550100..+442079460000", "differ in length"),
        ("phone", "range", "+12025550149..+12025550100", "ends before it begins"),
        ("phone", "range", "+1202555x100..+12025550100", "x at different places"),
        ("phone", "range", "202555xxxx", "write +"),
        ("phone", "range", "+1202555xxxxx", "too short or too long"),
        ("phone", "range", "+44 0207 946 0xxx", "full national number"),
        ("phone", "range", "+12025550100..+27115550100", "one country code"),
        ("phone", "range", "+xx1555010000", "one country code"),
        ("card", "range", "4111xx", "12 to 19 digits"),
        ("email", "domain", "", "no domain that mail can go to"),
        ("email", "domain", "jo@agency.example", "no domain that mail can go to"),
        ("email", "domain", "agency.invalid", "no domain that mail can go to"),
        ("email", "domain", "https://agency.example/", "no domain that mail can go to"),
        ("email", "domain", "www.agency.example", "give what follows it"),
        ("email", "mailbox", "", "what stands before the @"),
        ("email", "mailbox", "abuse@agency.example", "what stands before the @"),
        ("email", "mailbox", "abuse+tag", "without one"),
    ],
)
def test_what_is_no_rule_is_refused_with_what_to_write(
    kind: str, match: str, written: str, said: str
) -> None:
    sentence = refusal(kind, match, written)
    assert said in sentence
    assert "\n" not in sentence
    assert not written or written not in sentence
    for told in ("202", "4111", "7946", "agency"):
        assert told not in sentence


@pytest.mark.parametrize(
    ("kind", "match", "written", "said"),
    [
        ("phone", "range", "+1 202 xxx xxxx", "one exchange"),
        ("phone", "range", "+1 xxx xxx xxxx", "one exchange"),
        ("phone", "range", "+12020000000..+12021000000", "one exchange"),
        ("phone", "range", "+1xxxxx50100..+1xxxxx50199", "one exchange"),
        ("card", "range", "41111x xxxx xxxxxx", "one card issuer"),
        ("email", "domain", "com", "strangers register names"),
        ("email", "domain", "co.uk", "strangers register names"),
        ("email", "domain", "gob.mx", "strangers register names"),
        ("email", "domain", "gmail.com", "anyone can have a mailbox"),
        ("email", "domain", "GoogleMail.com", "anyone can have a mailbox"),
        ("email", "domain", "fastmail.fm", "anyone can have a mailbox"),
        ("email", "domain", "yahoo.co.uk", "anyone can have a mailbox"),
        ("email", "domain", "mail.ru", "anyone can have a mailbox"),
    ],
)
def test_a_rule_far_too_wide_is_taken_only_when_it_is_meant(
    kind: str, match: str, written: str, said: str
) -> None:
    sentence = refusal(kind, match, written)
    assert said in sentence
    assert "--wide" in sentence
    assert written not in sentence
    assert value_of(kind, match, written, wide=True)


@pytest.mark.parametrize(
    ("kind", "match", "written"),
    [
        ("phone", "range", "+1 2025 xxxxxx"),  # four digits after the country code
        ("phone", "range", "+12029999999..+12030000000"),  # two numbers, whatever ends they have
        ("phone", "range", "+1xxx5550100..+1xxx5550199"),
        ("card", "range", "411111xxxxxxxxxx"),
        ("email", "domain", "live.example"),
        ("email", "domain", "mail.agency.example"),
        ("email", "domain", "test"),
    ],
)
def test_a_rule_that_is_just_narrow_enough_is_taken(kind: str, match: str, written: str) -> None:
    assert value_of(kind, match, written)


@pytest.mark.parametrize("what", ["kind", "match", "category"])
def test_an_unknown_word_is_answered_with_the_known_ones(what: str) -> None:
    words = {"kind": "email", "match": "domain", "category": "airline"} | {what: "jo@x.example"}
    with pytest.raises(OperatorError) as refused:
        parse_rule(words["kind"], words["match"], "agency.example", category=words["category"])
    sentence = str(refused.value)
    assert {"kind": "phone", "match": "mailbox", "category": "role_mailbox"}[what] in sentence
    assert "jo@" not in sentence


@pytest.mark.parametrize("remark", ["two\nlines", "a\0b", "x" * 501])
@pytest.mark.parametrize("what", ["note", "source"])
def test_a_remark_is_one_line_of_bounded_length(what: str, remark: str) -> None:
    note, source = (remark if name == what else "" for name in ("note", "source"))
    with pytest.raises(OperatorError, match=f"the {what} must be one line"):
        parse_rule("email", "mailbox", "abuse", category="other", note=note, source=source)


def test_a_rule_shows_what_it_is_and_not_whom_it_covers() -> None:
    rule = a_rule()
    assert repr(rule) == "Rule(phone range, shelter)"
    assert "202" not in f"{rule} {[rule]}"


def test_a_row_has_the_columns_in_their_order() -> None:
    row = a_rule().row()
    assert dict(zip(RULE_COLUMNS, row, strict=True)) == {
        "kind": "phone",
        "match": "range",
        "value": "+12025550100..+12025550149",
        "category": "shelter",
        "note": "called at night",
        "source": "https://shelter.example/",
    }
    assert all(type(cell) is str for cell in row)


def test_a_row_of_a_wide_rule_was_judged_when_it_was_made() -> None:
    rule = parse_rule("email", "domain", "com", category="other", wide=True)
    assert parse_row(rule.row()) == rule


def test_a_row_of_another_length_is_refused() -> None:
    with pytest.raises(OperatorError, match="6 columns"):
        parse_row(a_rule().row()[:-1])


def test_the_identity_is_what_is_covered_and_nothing_else() -> None:
    noted = parse_rule("email", "mailbox", "abuse", category="role_mailbox", note="RFC 2142")
    plain = parse_rule("email", "mailbox", "ABUSE", category="other")
    assert noted.identity() == plain.identity() == b"exclusion\0email\0mailbox\0abuse"


def a_rule() -> Rule:
    return parse_rule(
        "phone",
        "range",
        "+12025550100..+12025550149",
        category="shelter",
        note=" called at night ",
        source="https://shelter.example/",
    )
