"""Strategies: the many ways in which people write one selector, and text that is none."""

import re

from hypothesis import strategies as st

FORMAT_CHARACTERS = st.characters(categories=["Cf"])
"""Invisible: direction marks, joiners, soft hyphens, tags."""

_SPACES = " \u00a0\u2002\u2009\u202f\u3000"
_DASHES = "-\u2010\u2011\u2012\u2013\u2014\u2015"
_SEPARATORS = st.text(_SPACES + _DASHES + ".", max_size=2)
_MARGIN = st.text(" \t\n\u00a0\u3000", max_size=3)


@st.composite
def disguised(draw: st.DrawFn, text: str) -> str:
    """Some characters in full width, invisible ones in between, white space around."""
    shown = [
        chr(ord(character) + 0xFEE0)
        if "!" <= character <= "~" and draw(st.booleans())
        else character
        for character in text
    ]
    for _ in range(draw(st.integers(0, 4))):
        shown.insert(draw(st.integers(0, len(shown))), draw(FORMAT_CHARACTERS))
    return draw(_MARGIN) + "".join(shown) + draw(_MARGIN)


@st.composite
def phone_spellings(draw: st.DrawFn) -> tuple[str, str, str | None]:
    """(canonical, a spelling of it, region): fictional numbers of the North American plan."""
    line = f"01{draw(st.integers(0, 99)):02}"
    prefix, region = draw(
        st.sampled_from(
            [
                ("+1", None),
                ("+1", "GB"),
                ("tel:+1", None),
                ("001", "GB"),
                ("0111", "US"),
                ("1", "US"),
                ("", "US"),
                ("", "ca"),
            ]
        )
    )
    area = draw(st.sampled_from(["202", "(202)", " (202) "]))
    between = [draw(_SEPARATORS) for _ in range(3)]
    if not prefix:
        between[0] = ""
    tail = draw(st.sampled_from(["", " ext. 7", " x12", ";ext=3"]))
    spelled = f"{prefix}{between[0]}{area}{between[1]}555{between[2]}{line}{tail}"
    return f"+1202555{line}", draw(disguised(spelled)), region


@st.composite
def card_spellings(draw: st.DrawFn) -> tuple[str, str]:
    """(canonical, a spelling of it): the schemes' test cards."""
    digits = draw(st.sampled_from(["4242424242424242", "378282246310005", "30569309025904"]))
    spelled = "".join(digit + draw(_SEPARATORS) for digit in digits)
    return digits, draw(disguised(spelled))


_LOCAL = st.text("abcdefghijklmnopqrstuvwxyz0123456789", min_size=1, max_size=12)
_TAG = st.one_of(st.just(""), st.text("abc0123.-_", max_size=6).map(lambda tag: f"+a{tag}z"))
_PROVIDERS = [
    # domain as written, domain of the canonical form, what the provider ignores in a local part
    ("gmail.com", "gmail.com", "."),
    ("googlemail.com", "gmail.com", "."),
    ("proton.me", "proton.me", ".-_"),
    ("protonmail.com", "proton.me", ".-_"),
    ("pm.me", "proton.me", ".-_"),
    ("outlook.com", "outlook.com", ""),
    ("hotmail.com", "hotmail.com", ""),
    ("icloud.com", "icloud.com", ""),
    ("fastmail.fm", "fastmail.fm", ""),
]


@st.composite
def email_spellings(draw: st.DrawFn) -> tuple[str, str]:
    """(canonical, a spelling of it): tags, ignored characters and upper case as the domain has."""
    local = draw(_LOCAL)
    if draw(st.booleans()):
        written, domain, ignored = draw(st.sampled_from(_PROVIDERS))
        tag = re.sub(r"\.{2,}", ".", draw(_TAG))
        spelled = local[0]
        for character in local[1:]:
            spelled += draw(st.sampled_from(["", *ignored])) + character
        spelled = f"{spelled}{tag}@{written}"
    else:
        domain = draw(st.sampled_from(["hotel.example", "booking.test"]))
        spelled = f"{local}@{domain}"
    cased = "".join(c.upper() if draw(st.booleans()) else c for c in spelled)
    return f"{local}@{domain}", draw(disguised(cased))


ANY_TEXT = st.one_of(
    st.text(st.characters()),  # lone surrogates included
    st.text("+0123456789()-. x;=exttl:phonecontext\u0661\uff11\u202a", max_size=40),
    st.text("abAB.+-_@\u00df\u0130\u0301\u1e9e\u0345\u200bxn", max_size=40),
    st.builds("{}@{}.{}".format, *[st.text(st.characters(), max_size=8)] * 3),
    st.builds("+{}{}".format, st.integers(1, 999), st.text("0123456789 ", max_size=16)),
    st.text("0123456789 -\u2010", min_size=10, max_size=24),
)
ANY_REGION = st.one_of(st.none(), st.sampled_from(["US", "GB", "MX", "AR", "IT", "de"]), st.text())
