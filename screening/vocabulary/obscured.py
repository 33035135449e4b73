"""Selectors that are masked, or written as nobody reads them: not to be taken for nothing.

None is asked about, for what it says is a guess; a row with one is not screened.
"""

import re
import unicodedata
from typing import Final

from screening.vocabulary.measures import (
    is_bare_time,
    is_date,
    is_measure,
    is_measure_alone,
    without_measures,
    without_open_dates,
)
from screening.vocabulary.plain_text import count_digits, has_words, plain
from screening.vocabulary.written_phones import is_called_id

_FEWEST_DIGITS: Final = 3
_MOST_BETWEEN: Final = 64
"""Signs of a label of a host, and the longest run that is looked through: longer ones, of which a
cell may be made, would take quadratic time."""
_OPEN: Final = r"\s?[(\[{<\u3010\u300c\u2039\xab\"_-]\s?"
_SHUT: Final = r"\s?[)\]}>\u3011\u300d\u203a\xbb\"_-]\s?"
_AT_WORD: Final = (
    "arroba|arobase|chiocciola|\u00e4t|ma\u0142pa|malpa|\u0441\u043e\u0431\u0430\u043a\u0430"
)
_DOT_WORD: Final = "dot|punkt|punto|point|ponto|kropka|\u0442\u043e\u0447\u043a\u0430"
_AT: Final = (
    rf"(?:(?!(?-i:\s\"A\"\s)){_OPEN}(?:@|at?|{_AT_WORD}){_SHUT}"  # `Room "A" incl.breakfast`
    rf"|\s?(?:\sat\s|\s(?:{_AT_WORD})\s|%40|&(?:\#0?64|\#x40|commat);)\s?)"
)
_DOT: Final = rf"(?:\.|{_OPEN}(?:\.|{_DOT_WORD}){_SHUT}|\s(?:{_DOT_WORD})\s)"
_HOST: Final = rf"[^\s.@]{{1,{_MOST_BETWEEN}}}"
_HIDDEN: Final = re.compile(
    rf"\S{_AT}(?![0-9]+\.[0-9]){_HOST}{_DOT}\S"
    rf"|[^\s:/]//{_HOST}\.[^\W\d_]{{2}}"
    rf"|\S@{_HOST}(?:{_OPEN}(?:{_DOT_WORD}){_SHUT}|\s(?:{_DOT_WORD})\s)\S"
    r"|\*{2}\W{0,8}\d\d|\d\d\W{0,8}\*{2}",
    re.IGNORECASE,
)
"""An address whose signs are hidden from those who collect them, and what is hidden from everybody;
behind `at` a time of day may stand, too. Airlines write `//` for the first of the signs."""
_OF_TEXTS: Final = re.compile(
    r"https?://(?!\S{0,2000}%40)\S+"
    r"|(?<= at )[^\s.@]{1,64}\."
    r"(?!(?:Com|Net|Org|Info|Biz|Online|Site|Shop|Store|App|Mobi|Email|Travel|Example|[A-Z][a-z]"
    r"|Gov|Edu|Mil|Xyz)\b)"
    r"[A-Z][a-z]"
    r"|\*\*(?=[0-9]{1,9}[.,][0-9]{2}(?![0-9]))"
)
"""What only looks hidden: a link without an address, `at St.Pancras`, `**120.00`."""
_BOLD: Final = re.compile(r"\*\*([^*]{0,64}[^\W\d_][^*]{0,64})\*\*")
"""What is shown bold, `**24h**`, and not masked: what it says may still be hidden."""
_AT_SIGN: Final = re.compile(r"[^\s:/@]@[^\s@]|[^\s@] ?@ ?[^\s@]{1,64}[.,][^\W\d_]")

_LIKE_DIGITS: Final = r"[OoIlSZ\u039f\u03bf\u041e\u043e]"
_DIGIT: Final = rf"(?:\d|(?<![^\W\d_]){_LIKE_DIGITS}{{1,2}}(?![^\W\d_]))"
"""One, or letters for which it is mistaken, unless they are part of a word."""
_RUN: Final = re.compile(rf"{_DIGIT}(?:(?:[^\w+@]|_){{0,3}}{_DIGIT})+")
_BEHIND_PLUS: Final = re.compile(
    rf"(?<!\d)\+[^\w+@%]{{0,2}}({_DIGIT}(?:(?:[^\w+@%]|_){{0,5}}{_DIGIT})+)"
)
"""What stands before a `%` is a share: `+12.5% (2026)`."""
_FEWEST_BEHIND_PLUS: Final = 7
_FEWEST_OF_CONTACT: Final = 9
_LONGER_THAN_AMOUNTS: Final = 10
_MOST_LETTERS: Final = 2

_BLOTS: Final = "\u2022\u2219\u2580-\u25ff\u26aa\u26ab\u2b24"
"""Bullets, blocks and geometric shapes."""
_MASK: Final = rf"[xX#*?\u00b7_{_BLOTS}]"
_PLACE: Final = rf"(?:{_MASK}|[0-9])"
_MASKED: Final = re.compile(
    rf"(?<![^\W\d_]){_PLACE}(?:[ ().\-+/]{{0,3}}{_PLACE}){{6,}}(?![^\W\d_])"
)
"""`xxx-xxx-0142`: as many places as a phone has digits."""
_MARKS: Final = rf"(?:[*?#]{{2,64}}+|[{_BLOTS}]{{1,64}}+)"
_BESIDE_MARKS: Final = rf"[^\s@]{{0,{_MOST_BETWEEN}}}"
_MASKED_ADDRESS: Final = re.compile(
    rf"(?:[^\s*]{_MARKS}{_BESIDE_MARKS}|^{_MARKS})@|@{_BESIDE_MARKS}{_MARKS}[^\s*]"
)
"""`j***@booking.example`. Marks before and behind the whole, as in `**VIP**`, only show it bold."""
_FEWEST_SHOWN: Final = 2
_MASKS: Final = re.compile(rf"({_MASK})\1")
_CUT: Final = re.compile(r"(?<![\w.])\.{3,}[0-9]{2,4}(?![\w.])")
"""The end of a number, `...0142`: NFKC has made dots of the sign for them."""
_LIKE_MARKS: Final = "\u00b7\u00d7\u0304\u0305\u0333\u066d\u2027\u204e\u2217\u22c5\u22c6\u2731"
"""Among them the lines that NFKC puts over or under a space for `\u00af` and `\u2017`."""
_LEFT_OUT: Final = rf"[-.*#_~%={_LIKE_MARKS}{_BLOTS}]"
_LEFT_OUT_BEHIND: Final = rf"(?:{_LEFT_OUT}|[+$&:\u00a4\u2020\u2605\u2606\ufffd])"
"""Before a number some stand for nothing, as stars do."""
_PARTLY_KEPT: Final = re.compile(
    r"\?|\. ?\.|-{3,}|[\u22ef\u2e3a\u2e3b]|(?!^\[ ?\])[(\[][^0-9A-Za-z]*[)\]]"
    rf"|^\W*({_LEFT_OUT})\s?\1|({_LEFT_OUT_BEHIND})\s?\2\W*$|([^\w\s\"'])\3\3$"
    rf"|^\W*\ufffd\s?\ufffd(?!\W*[0+])|[0-9]\s?(?:-\W?|[{_BLOTS}])$"
    r"|^\W*(?:0|\+[0-9]{1,3})\)? ?--(?=(?:\W*[0-9]){1,8}\W*$)"
)
"""Signs for digits that are left out of a number, `030 2312...`, `(...) 23125099`, `030 23125-`;
what stands once before it is what lists begin with, as is `[ ]`, and U+FFFD, before a whole one,
what a program makes of signs it does not know. Quadratic: for short texts."""
_FEWEST_OF_CUT: Final = 6
_FEWEST_OF_CUT_BESIDE_WORDS: Final = 7
_GROUPS: Final = rf"\(?[0-9](?:[ ()./\-]{{0,3}}[0-9]){{{_FEWEST_OF_CUT - 1},20}}"
_GAP: Final = rf"(?:[\u22ef\u2e3a\u2e3b]|(?P<{{0}}>{_LEFT_OUT}|\?)\s?(?P={{0}}))"
_CUT_GROUPS: Final = re.compile(
    rf"(?<![\w.])(?!(?:19|20)[0-9]{{2}}[./\-](?:0?[1-9]|1[0-2])(?:[./\-][0-3]?)?(?:[^0-9]|$))"
    r"(?!20[0-9]{2}/[0-9]{2}(?:[^0-9]|$))"
    rf"{_GROUPS}\)?\s?{_GAP.format('behind')}(?![^\w\s]*[0-9])"
    rf"|^\W{{0,3}}{_GAP.format('before')}\W{{0,8}}{_GROUPS}(?![0-9])"
)
"""`202 555 01...`, `202 555 ----`, `... 555 0142`; `2026-11-...` is a date, `2026/27` a season."""
_CUT_ID: Final = re.compile(r"[1-9][0-9]*+(?![ ()./\-]{0,3}[0-9])")
"""Behind a word of ids one is cut off, `order 2312509...`; `030 2312...` there may be a phone."""


def is_obscured(value: str, *, by_digits: bool) -> bool:
    """Tell whether a value may be a selector that is masked, or written in words.

    `***0142`, `4242 42** **** 4242`, `jane (at) booking.example`: unlike `yes` or `Visa`.
    Three digits are a sign of one only where `by_digits`: of an address they are none.
    """
    has_digits = by_digits and count_digits(value) >= _FEWEST_DIGITS
    return has_digits or "**" in value or may_be_contact(value)


def is_hidden(value: str) -> bool:
    """Tell whether digits are masked by `**`, or the signs of an address are words: `a [at] b.c`.

    Marks alone are none: `**VIP**` stands in notes.
    """
    text = value if value.isascii() else unicodedata.normalize("NFKC", value)
    return _HIDDEN.search(text) is not None


def may_hide_contact(value: str) -> bool:
    """Tell whether a selector is withheld in `value`, which stands among texts of any kind."""
    return is_withheld(_BOLD.sub(r" \1 ", _OF_TEXTS.sub(" ", value)))


def is_withheld(value: str) -> bool:
    """Tell whether what is in a value, which is none as it stands, is kept from whoever reads it.

    Digits are masked (`4242 42XX XXXX 4242`, `...0142`), as is part of an address, or its signs are
    words.
    """
    return is_hidden(value) or is_masked_address(value) or _has_masked_digits(plain(value))


def is_cut_phone(number: str) -> bool:
    """Tell whether a phone, as `plain` returns it, lacks digits of which signs are left.

    What is left may be a whole number where numbers differ in length, though it is somebody else's.
    """
    return _PARTLY_KEPT.search(number) is not None


def is_masked_address(value: str) -> bool:
    """Tell whether marks stand for a part of an address: nobody has them in a real one."""
    return "@" in value and _MASKED_ADDRESS.search(value) is not None


def holds_misspelt_international(text: str) -> bool:
    """Tell whether seven digits stand behind a `+` in `text`, whatever signs part them.

    Two of them may be letters that look like digits: `+1,2O2,555,0142`. Amounts, dates and times
    are none: `+1,250,000.00`.
    """
    return "+" in text and any(
        _is_long(run, _FEWEST_BEHIND_PLUS) and not _is_amount(run)
        for run in _BEHIND_PLUS.findall(without_measures(text))
    )


def may_be_contact(value: str) -> bool:
    """Tell whether a phone or address may be in `value`, which stands under a name of contacts.

    Nine digits may be one, whatever signs part them or stand around them, and so may what is
    masked, cut off or hidden: nothing but the name of its column tells them from ids and amounts.
    Dates, times and UUIDs are none.
    """
    if is_hidden(value) or _AT_SIGN.search(value):
        return True
    text = plain(value)
    if count_digits(text) < _FEWEST_SHOWN:  # before what takes longer: most contacts are names
        return False
    text = without_measures(text)
    if _has_masked_digits(text) or _has_cut_groups(text):
        return True
    if is_date(text) or is_bare_time(text):
        return False
    return any(_is_long(run, _FEWEST_OF_CONTACT) for run in _RUN.findall(text))


def _has_cut_groups(text: str) -> bool:
    fewest = _FEWEST_OF_CUT_BESIDE_WORDS if has_words(text) else _FEWEST_OF_CUT
    text = without_open_dates(text)
    runs = _CUT_GROUPS.finditer(text)
    return any(
        count_digits(run[0]) >= fewest and not (_CUT_ID.match(run[0]) and is_called_id(text, run))
        for run in runs
    )


def _has_masked_digits(text: str) -> bool:
    runs = _MASKED.findall(without_open_dates(text))
    return bool(_CUT.search(text)) or any(map(_is_masked, runs))


def _is_masked(run: str) -> bool:
    return bool(_MASKS.search(run)) and count_digits(run) >= _FEWEST_SHOWN


def _is_long(run: str, fewest: int) -> bool:
    letters = sum(map(str.isalpha, run))
    return letters <= _MOST_LETTERS and letters + count_digits(run) >= fewest


def _is_amount(run: str) -> bool:
    text = run.replace("\u2019", "'")
    return is_measure_alone(text) or (
        is_measure(text) and count_digits(text) < _LONGER_THAN_AMOUNTS
    )
