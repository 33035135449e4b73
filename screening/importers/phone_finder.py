"""Finds phone numbers in a text, and digits that might be one.

libphonenumber's matcher alone does two things that a list cannot afford: it takes any digits that
fit the region's plan, a passport number too, and where a run of digits is no number it searches the
run for a shorter one: of London's `(44)(20)(79460958)`, with the hint DK, it takes the last eight
digits, which are somebody's number in Denmark. So a run is found here and judged as a whole.

- With `+`: taken where the plan of its country has such a number (leniency VALID). Validity is not
  asked of curated rows, but here it is the only witness of where a number begins and ends. Where
  the number would be valid without its last groups too (`+49 30 23125123 (8-17 h)`), its groups
  must be those of the country as well (STRICT_GROUPING).
- Without `+`: only with a region, only where libphonenumber's matcher finds all the digits to be
  one number of that region (STRICT_GROUPING: valid, with the trunk prefix where the country writes
  one, its groups kept together), and only where a word such as "Tel." says that they are a phone,
  or they are punctuated just as the region punctuates phones (EXACT_GROUPING). So passports and
  registrations are not taken. With VALID a number of Harare, `263-4-` and six digits, is one of
  Montreal where the hint is US: STRICT_GROUPING refuses three in four of such misreadings.
- `00` and a country code are no `+`: `00` leads abroad from most countries, not from all, and the
  digits may be a national number there. With a region whose plan says so they are taken.

Whatever has seven digits or more, or fewer behind a phone word, and is not taken is reported; dates
and times are not. Not searched for: numbers spelt with letters, or broken over two lines.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from phonenumbers import Leniency

from screening.importers.email_finder import is_in_url
from screening.importers.entry import ImportCode
from screening.importers.finding import Finding
from screening.importers.phone_labels import is_connector, is_labelled, is_marked_otherwise
from screening.importers.phone_reading import (
    digit_groups,
    is_card_like,
    read_international,
    read_national,
)
from screening.importers.shortened_numbers import ends_another
from screening.vocabulary.selector import Canonical

MIN_DIGITS: Final = 7  # the shortest subscriber numbers in common use
MIN_LABELLED_DIGITS: Final = 4

# Spaces (no tab, no line end), brackets, dots, dashes and slashes, as libphonenumber reads them.
_GAP: Final = (
    "[ \u00a0\u2000-\u200a\u202f\u3000()\\[\\]\uff08\uff09.~/\\-\u2010-\u2015\u2212\uff0d]"
)
_RUN: Final = re.compile(rf"(?P<plus>[+\uff0b][ ()\[\]]{{0,3}})?\d++(?:{_GAP}{{1,5}}+\d++)*+")
_EXTENSION: Final = re.compile(
    r"[ ,;]{0,3}(?:ext(?:ension|n)?|доб|anexo|int|x|#)[.:=]{0,2} {0,2}\d{1,6}(?!\w)", re.IGNORECASE
)
_NOT_A_PHONE: Final = re.compile(
    r"(?<![\d+/.-])(?<!\d )(?:"
    r"(?:19|20)\d\d(?P<ymd>[-/.])(?:0?[1-9]|1[0-2])(?P=ymd)[0-3]?\d"  # 2027-12-31
    r"|[0-3]?\d(?P<dmy>[-/.])[0-3]?\d(?P=dmy)(?:19|20)\d\d"  # 31.12.2027, 12/31/2027
    r")(?![-/.]?\d)"
    r"|(?<!\d)\d{1,2}:\d\d(?::\d\d)?(?!\d)"  # 10:30
    r"|(?<!\d)24 ?/ ?7(?!\d)"
)
_SLASH: Final = re.compile(r"[ \u00a0]*/[ \u00a0/]*")
# Between two numbers, or within one: `+44 - 20 - 79460958`, `202-555-0134 - 30 minutes`.
_BREAK: Final = re.compile(r"\s+[~\-\u2010-\u2015\u2212\uff0d]+\s+|\s{3,}|\.\s+")
_DIRECT_DIAL: Final = re.compile(r"\d-(?:0|\d{2,})$")
"""`23125-99`, as the number of a desk is written behind that of its house."""
_MAX_PARTS: Final = 8  # E.164 has 15 digits, in a handful of groups
_CURRENCY: Final = "Sc"


def find_phones(
    text: str, region: str | None, occupied: Sequence[tuple[int, int]]
) -> list[Finding]:
    """Return numbers and what might be one, in order; `occupied` places (addresses) are left out.

    `region` is an ISO 3166-1 alpha-2 code that holds for every number in `text` written without
    `+`: give none where they are from several countries.
    """
    return list(_Search(text, region.upper() if region else None, occupied).findings())


@dataclass(frozen=True, slots=True)
class _Piece:
    """Digits to judge as one number: their place, and what was seen around their run."""

    start: int
    end: int
    plus: bool
    labelled: bool
    clear: bool  # it touches no letter and lies in no web address


class _Search:
    """One pass over one text."""

    def __init__(self, text: str, region: str | None, occupied: Sequence[tuple[int, int]]) -> None:
        self._text = text
        self._region = region
        self._open = _blanked(text, occupied)

    def findings(self) -> Iterator[Finding]:
        last: _Piece | None = None
        is_number = False
        position = 0
        while match := _RUN.search(self._open, position):
            extension = _EXTENSION.match(self._open, match.end())
            position = extension.end() if extension else match.end()
            piece = self._piece(match.start(), match.end(), position, last)
            found = list(self._of_run(piece, position))
            number = last if is_number else None
            if not found and number is not None and self._ends_another(piece, number):
                yield Finding("phone", piece.start, piece.end, "shortened_number")
                last = replace(number, end=position)  # another end may follow
                continue
            yield from found
            is_number = piece.plus or piece.labelled or any(one.canonical for one in found)
            last = replace(piece, end=position)

    def _ends_another(self, piece: _Piece, number: _Piece) -> bool:
        places = (number.start, number.end), (piece.start, piece.end)
        return piece.clear and ends_another(self._text, *places)

    def _piece(self, start: int, end: int, outer_end: int, last: _Piece | None) -> _Piece:
        text = self._text
        labelled = is_labelled(text, start, outer_end) or (
            # "Tel. A, B or C". Behind a number with + the next lacks that number's country code.
            last is not None
            and last.labelled
            and not last.plus
            and is_connector(text[last.end : start])
        )
        before, after = text[max(0, start - 1) : start], text[outer_end : outer_end + 1]
        # "18+ only", "C++ 20": that plus belongs to what stands before it.
        honoured = text[start] in "+\uff0b" and (
            labelled or not (before == "+" or before.isalnum())
        )
        touches = _is_letter(after) or (not labelled and self._continues_a_word(start))
        clear = not touches and not is_in_url(text, start)
        return _Piece(start, end, honoured, labelled, clear)

    def _continues_a_word(self, start: int) -> bool:
        word = self._text[max(0, start - 2) : start].rstrip("-._/")
        spaced = self._text[start - 1 : start].isspace()
        return bool(word) and not spaced and _is_letter(word[-1])

    def _of_run(self, run: _Piece, end: int) -> Iterator[Finding]:
        """Judge what slashes separate: two numbers, or one and other last digits for it."""
        previous: Finding | None = None
        pieces = self._slashed(run)
        for piece, following in zip(pieces, [*pieces[1:], None], strict=True):
            digits = _count_digits(self._text[piece.start : piece.end])
            if previous is not None and (digits < MIN_DIGITS or not self._stands_alone(previous)):
                yield Finding("phone", piece.start, piece.end, "shortened_number")
                continue
            for finding in self._of_piece(piece):
                previous = finding
                if following is None and finding.end == piece.end:
                    previous = replace(finding, end=end)
                elif following is not None and self._may_go_on(finding, piece, following):
                    previous = replace(finding, outcome="unclear_extent", by_region=False)
                yield previous

    def _may_go_on(self, finding: Finding, piece: _Piece, following: _Piece) -> bool:
        """Tell whether what follows the slash may also be the end of the number before it."""
        if finding.canonical is None or finding.end != piece.end:
            return False
        longer = replace(piece, start=finding.start, end=following.end)
        return _may_be_one(self._judge(replace(longer, plus=piece.plus and not finding.by_region)))

    def _stands_alone(self, previous: Finding) -> bool:
        # Behind a number that is not taken, or that has a country code, lies a part of a number.
        return previous.canonical is not None and previous.by_region

    def _slashed(self, run: _Piece) -> list[_Piece]:
        pieces: list[_Piece] = []
        for start, end in _split(_SLASH, self._text, run.start, run.end):
            digits = _count_digits(self._text[start:end])
            # An area code before the slash: `+49 30/23125123`, `030/23125123`.
            if (
                len(pieces) == 1
                and _count_digits(self._text[run.start : pieces[0].end]) <= MIN_DIGITS
                and digits > MIN_LABELLED_DIGITS
            ):
                pieces[0] = _narrowed(run, run.start, end)
            else:
                pieces.append(_narrowed(run, start, end))
        return pieces

    def _of_piece(self, piece: _Piece) -> Iterator[Finding]:
        """Judge digits that may be one number, or several with a dash or a wide space between."""
        parts = _split(_BREAK, self._text, piece.start, piece.end)
        index = 0
        while index < len(parts):
            start = parts[index][0]
            ends = [end for _, end in parts[index : index + _MAX_PARTS]]
            judged = [self._judge(_narrowed(piece, start, end)) for end in ends]
            possible = [finding for finding in judged if finding and _may_be_one(finding)]
            if not any(finding.canonical for finding in possible):
                rest = _narrowed(piece, start, piece.end)
                whole = self._judge(rest)
                if whole:
                    yield whole
                elif index and self._ends_another(rest, replace(piece, end=parts[index - 1][1])):
                    yield Finding("phone", start, piece.end, "shortened_number")
                return
            if len(possible) == 1:
                yield possible[0]
            else:  # `+49 30 23125 - 123`: the number ends here, or there
                yield Finding("phone", start, possible[-1].end, "unclear_extent")
            while index < len(parts) and parts[index][0] < possible[-1].end:
                index += 1

    def _judge(self, piece: _Piece) -> Finding | None:
        """Return the finding that a piece makes as one number; None where it is not like one."""
        groups = digit_groups(self._text[piece.start : piece.end])
        count = sum(map(len, groups))
        if count < (MIN_LABELLED_DIGITS if piece.labelled else MIN_DIGITS):
            return None
        place = piece.start, piece.end
        if piece.plus:
            if not piece.clear:
                return Finding("phone", *place, "unclear_extent")
            dialled = _DIRECT_DIAL.search(self._text, piece.start, piece.end) is not None
            return Finding("phone", *place, read_international(groups, direct_dial=dialled))
        if not piece.labelled and is_card_like("".join(groups)):
            return Finding("card", *place, "card_not_taken")
        outcome = self._without_plus(piece, groups)
        return Finding("phone", *place, outcome, by_region=isinstance(outcome, Canonical))

    def _without_plus(self, piece: _Piece, groups: list[str]) -> Canonical | ImportCode:
        if not piece.clear:
            return "unclear_extent"
        if not piece.labelled and not self._is_punctuated(piece, groups):
            return "no_phone_label"
        if self._region is None:
            return "region_required"
        leniency = Leniency.STRICT_GROUPING if piece.labelled else Leniency.EXACT_GROUPING
        outcome = read_national(groups, self._region, leniency)
        if outcome == "invalid_number" and not piece.labelled:
            return "no_phone_label"
        return outcome

    def _is_punctuated(self, piece: _Piece, groups: list[str]) -> bool:
        """Tell whether digits without a phone word may be a number by their punctuation alone."""
        text = self._text
        before, after = text[max(0, piece.start - 3) : piece.start], text[piece.end : piece.end + 3]
        around = before.rstrip()[-1:] + after.lstrip()[:1]
        return (
            len(groups) > 1
            and max(map(len, groups)) >= 3  # pairs may be prices, ages, a network address
            and any(c not in " \u00a0" for c in re.sub(r"\d", "", text[piece.start : piece.end]))
            and not any(unicodedata.category(c) == _CURRENCY for c in around)
            and not is_marked_otherwise(text, piece.start)
        )


def _blanked(text: str, occupied: Sequence[tuple[int, int]]) -> str:
    """Return `text` of the same length in which no run of digits reaches into what is no phone."""
    kept, position = [], 0
    for start, end in occupied:
        kept += [text[position:start], "|" * (end - start)]
        position = end
    return _NOT_A_PHONE.sub(lambda match: "|" * len(match[0]), "".join([*kept, text[position:]]))


def _split(at: re.Pattern[str], text: str, start: int, end: int) -> list[tuple[int, int]]:
    places = []
    for match in at.finditer(text, start, end):
        places.append((start, match.start()))
        start = match.end()
    return [place for place in (*places, (start, end)) if _count_digits(text[slice(*place)])]


def _narrowed(piece: _Piece, start: int, end: int) -> _Piece:
    first = start == piece.start
    # What follows a number with + is a number of that country, which its own digits do not say.
    labelled = piece.labelled and (first or not piece.plus)
    return _Piece(start, end, piece.plus and first, labelled, piece.clear)


def _may_be_one(finding: Finding | None) -> bool:
    return finding is not None and (
        finding.canonical is not None or finding.outcome == "unclear_extent"
    )


def _count_digits(text: str) -> int:
    return sum(map(str.isdecimal, text))


def _is_letter(character: str) -> bool:
    # Scripts from U+0590 on either write no spaces or put single-letter words before a number.
    return character == "_" or (character.isalpha() and character < "\u0590")
