"""Tells where a cell speaks of a victim, in whatever spelling or language.

An entry of role victim keeps a selector out of every index. A row that is not taken, and was of a
victim, protects nobody until it is corrected: so it is reported with more weight than another.
"""

import difflib
import re
import unicodedata
from collections.abc import Iterable
from typing import Final

from indexer.importers.entry import Role

_ROLES: Final = frozenset(role.value for role in Role)
_LOOK_ALIKES: Final = str.maketrans(
    "\u0131\u026a\u0456\u03b9\u1d20\u03bd\u0475\u0441\u03f2\u1d04\u0442\u03c4\u1d1b\u043c\u1d0d",
    "iiiivvvccctttmm",
)
"""Letters of other alphabets, and small capitals, with which "victim" can be written."""
_VICTIM_ELSEWHERE: Final = (
    *(
        "survivor",
        "opfer",
        "vittima",
        "ofiar",
        "slachtoffer",
        "oběť",
        "obeť",
        "žrtv",
        "áldozat",
    ),
    *("mağdur", "kurban", "korban", "nạn nhân", "uhri", "жертв", "пострадавш", "θύμα"),
    *(
        "קורבן",
        "เหยื่อ",
        "पीड़ित",
        "受害",
        "被害",
        "피해",
        "ضحية",
        "ضحايا",
        "geschädigt",
        "потерп",
        "постраждал",
        "ผู้เสียหาย",
        "mangsa",
        "poszkodowan",
        "pokrzywdz",
        "sobreviv",
        "superviv",
        "underage",
    ),
)
"""The same in other words and languages, for a role that is refused for it."""
_VICTIM_IN_SHORT: Final = frozenset(("vot", "pvot", "minor", "minors", "child", "children"))
"""Victim of trafficking, a presumed one, and who cannot be anything else."""
_VICTIM_AS_ROLE: Final = frozenset(("offer", "offeret"))
"""Danish and Norwegian, which is another word in English: as a role, and nowhere else."""
_NO: Final = frozenset(
    (
        *("", "0", "no", "n", "false", "0.0", "none", "nil", "null", "n/a", "nein", "non", "nee"),
        *("nej", "nei", "nie", "ne", "não", "nao", "falsch", "falso", "faux", "nem"),
        *("нет", "ні", "не", "όχι", "لا", "לא", "いいえ", "否", "아니요", "tidak"),
    )
)
"""What a cell says that denies what its column asks; marks such as a dash beside it are nothing."""
_AROUND: Final = " \t\r\n.-\u2013\u2014"
_WORD: Final = re.compile("[a-z]+")
_SHORT: Final = 1_000
_NO_LETTER: Final = re.compile("[^a-z]+")
_NEARLY: Final = 0.75
"""Of the similarity that difflib counts: "victum" and "vicitm" have 0.83, "business" 0.29."""


def role_text(cell: str) -> str:
    """Return the role that a cell names, as it is compared with the roles there are."""
    role = cell.lower()
    # Of all roles that one is taken in other spellings too: a mark too many must not undo it.
    return Role.VICTIM if role not in _ROLES and _letters(role) == Role.VICTIM else role


def means_victim(role: str, others: Iterable[str]) -> bool:
    """Tell whether a row that is not taken was of a victim.

    Perhaps its cells are shifted: one of the `others` may be the role.
    """
    return (
        names_victim(role)
        or role.casefold() in _VICTIM_AS_ROLE
        or is_nearly_victim(role)
        or any(map(is_victim, others))
    )


def is_victim(cell: str) -> bool:
    """Tell whether a cell is the word itself, whatever marks stand beside its letters."""
    return _letters(cell) == Role.VICTIM


def names_victim(cell: str) -> bool:
    """Tell whether a victim is named in a cell, in one of many languages."""
    letters = _letters(cell)
    if not _VICTIM_IN_SHORT.isdisjoint(_WORD.findall(cell.casefold())):
        return True
    if len(cell) <= _SHORT:  # of long runs of marks the form takes quadratic time to make
        cell = unicodedata.normalize("NFC", cell)
    return Role.VICTIM in letters or any(word in cell.casefold() for word in _VICTIM_ELSEWHERE)


def means_no(cell: str) -> bool:
    """Tell whether a cell under a heading such as "is victim" clearly denies it, or is empty."""
    return cell.strip(_AROUND).lower() in _NO


def is_nearly_victim(role: str) -> bool:
    """Tell whether a role is "victim" with a letter or two wrong, missing or changed about."""
    return bool(difflib.get_close_matches(_letters(role), [Role.VICTIM], cutoff=_NEARLY))


def _letters(cell: str) -> str:
    """Return the letters of `cell` as a to z: an accent or a mark too many must not undo "victim".

    Each character by itself: NFKD takes quadratic time on a long run of combining marks.
    """
    if not cell.isascii():
        cell = "".join(unicodedata.normalize("NFKD", character) for character in cell)
    return _NO_LETTER.sub("", cell.lower().translate(_LOOK_ALIKES))
