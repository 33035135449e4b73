"""Tells a remark beside a selector, where a parser would read it as a part of it.

libphonenumber reads the year in `030 23125099 (2019)` as four more digits: the number of nobody.
"""

import re
import unicodedata
from typing import Final

from screening.vocabulary.phone_plans import is_valid_phone
from screening.vocabulary.selector import Canonical, SelectorKind

_LINK: Final = re.compile(r"tel:\s*([^;]*)")
"""RFC 3966: behind a semicolon stand parameters, an extension for one."""
_EXTENSION: Final = re.compile(
    r"[\s,;]*(?:ext(?:ension|n)?|x|#|int|anexo)[\s.:=]{0,3}[0-9]{1,6}$|,,?\s*[0-9]{1,9}#$",
    re.IGNORECASE,
)
"""What the phone parser takes off as an extension."""
VANITY: Final = re.compile(
    r"(?:\+?1[ .\-]?)?\(?8(?:00|33|44|55|66|77|88)\)?[ .\-]?[A-Z0-9][A-Z0-9 .\-]*"
)
"""`1-800-FLOWERS`: letters that are meant as digits."""
_BESIDE_NUMBER: Final = re.compile(
    "[\\[\\]{}<>*=_\\\\^~\u2053\u223c\u301c]"  # nobody writes these within a number
    r"|^[1-9][0-9]?(?:[):]|\.\s)|^\([1-9][0-9]?\) ?0|^24 ?/ ?7\b"  # `1) 030 23125099`
    r"|(?:[0-9][^0-9]*){6}\("  # `030 23125099 (2019)`: an area code stands in front
)
"""What stands before or behind a number, in digits of its own."""
_HEAD: Final = re.compile(r"^(?!8[ \-])([1-9][0-9/ .\-]{0,5})[ /\-]\(?0(?:[^0-9]*[0-9]){8}")
"""`1 - 030 23125099`, unless it is the country code or the beginning of it: `38 (050) 1234567`."""
_AREA_AND_SLASH: Final = re.compile(
    r"(?:[0-9]{2}/){4}[0-9]{2}|06[ \-/][0-9]{1,2}/[0-9](?:[ .\-]*[0-9]){5,}|"
    r"(?:(?:\+|00)[0-9]{1,3}[ .\-/]*)?(?:\(0\) ?)?\(?[0-9]{2,6}\)? ?/ ?[0-9](?:[ .\-]*[0-9]){4,}"
)
"""`030/23125099`: elsewhere a slash stands before a second ending, or a second number."""
_ENCODED: Final = re.compile("%[0-9a-f]{2}", re.IGNORECASE)
"""Of a link, beside which nothing says that it is one: `jane%2Edoe`."""
_SPACED_DASH: Final = re.compile("\\s[\\-\u2010-\u2015]\\s*")
_SHORT_END: Final = re.compile(_SPACED_DASH.pattern + "[0-9]{1,3}$")
"""`030 23125099 - 2`, where no other dash has spaces around it."""
_WHOLE_PHONE_DIGITS: Final = 10
_PERHAPS_BESIDE: Final = re.compile(
    r"^(?:[0-9]{1,2} ?- |\(?(?:19|20)[0-9]{2}\)? )"
    r"|(?<![\-\u2013])\s\.?(?:[0-9]|[0-9]{1,2}-[0-9]{1,2})$"
)
"""Of a number only where it is none without: `1 - 030 23125099`, `030 23125099 2`, `... 9-17`."""
_OF_EAST_ASIA: Final = frozenset(("CJK", "HIRAGANA", "KATAKANA", "IDEOGRAPHIC"))
_YEAR_END: Final = re.compile(r"\s(?:19|20)[0-9]{2}$")
_LONG_PHONE: Final = 14
"""So many digits, country code included, has hardly any phone without such an ending."""


def number_alone(text: str) -> str:
    """Return a phone without what marks it as one, and without what is dialled behind it."""
    link = _LINK.match(text)
    return _EXTENSION.sub("", text if link is None else link[1].rstrip())


def has_remark(canonical: Canonical, text: str, region: str | None) -> bool:
    """Tell whether something beside a selector was read as a part of it."""
    match canonical.kind:
        case SelectorKind.PHONE:
            return _is_beside_number(canonical, number_alone(text), region)
        case SelectorKind.EMAIL:
            return _is_beside_address(text.rpartition("@")[0])
        case SelectorKind.CARD:
            return False


def _is_beside_number(canonical: Canonical, number: str, region: str | None) -> bool:
    if any(map(str.isalpha, number)):
        return not VANITY.fullmatch(number)
    return (
        bool(_BESIDE_NUMBER.search(number))
        or ("/" in number and not _AREA_AND_SLASH.fullmatch(number))
        or _has_head(canonical, number)
        or _has_short_end(number)
        or any(
            is_valid_phone(number[: match.start()] + number[match.end() :], region)
            for match in _PERHAPS_BESIDE.finditer(number)
            if not _begins_with(canonical, match[0])
        )
        or (len(canonical.text) > _LONG_PHONE and bool(_YEAR_END.search(number)))
    )


def _has_head(canonical: Canonical, number: str) -> bool:
    head = _HEAD.search(number)
    return head is not None and not _begins_with(canonical, head[1])


def _begins_with(canonical: Canonical, head: str) -> bool:
    """Tell whether a phone begins with the digits of `head`, its country code perhaps."""
    digits = "".join(filter(str.isdigit, head))
    return bool(digits) and canonical.text[1:].startswith(digits)


def _has_short_end(number: str) -> bool:
    end = _SHORT_END.search(number)
    if end is None or len(_SPACED_DASH.findall(number)) > 1:
        return False
    return sum(map(str.isdigit, number[: end.start()])) >= _WHOLE_PHONE_DIGITS


def _is_beside_address(local: str) -> bool:
    """Tell whether a local part begins as none does, or runs into the word before it."""
    if local.startswith("+") and local[1:].isdigit():  # of a gateway for text messages
        return False
    if not (local[0].isalnum() or local[0] == "_") or any(mark in local for mark in "/|*"):
        return True
    if _ENCODED.search(local):
        return True
    if "=" in local.partition("+")[0]:  # behind a plus stands whose bounces come there
        return True
    scripts = {unicodedata.name(c, "").split(" ")[0].split("-")[0] for c in local if c.isalpha()}
    return len({"CJK" if one in _OF_EAST_ASIA else one for one in scripts - {"MODIFIER"}}) > 1
