"""Tells where a cell speaks of a victim, in whatever spelling or language.

An entry of role victim keeps a selector out of every index. A row that is not taken, and was of a
victim, protects nobody until it is corrected: so it is reported with more weight than another.
"""

import difflib
import re
import unicodedata
from collections.abc import Iterable
from typing import Final

from indexer.importers.entry import ROLES, Role
from indexer.importers.folding import folded, folded_words, spaced
from indexer.importers.plight_words import tells_of_young, tells_plight

_LOOK_ALIKES: Final = str.maketrans(
    "\u0131\u026a\u0456\u03b9\u1d20\u03bd\u0475\u0441\u03f2\u1d04\u0442\u03c4\u1d1b\u043c\u1d0d",
    "iiiivvvccctttmm",
)
"""Letters of other alphabets, and small capitals, with which "victim" can be written."""
# fmt: off
_VICTIM_ELSEWHERE: Final = folded_words(
    within=(
        "survivor", "sobreviv", "superviv", "underage", "under age", "injured party", "aggrieved",
        "trafficked person", "opfer", "geschädigt", "geschaedigt", "minderjähr", "minderjaehr",
        "slachtoffer", "minderjarig", "benadeelde", "vittima", "minorenn", "persona offesa",
        "parte lesa", "vitima", "menor de edad", "menores de edad", "menor de idade",
        "menores de idade", "perjudicad", "agraviad", "damnificad", "viktima", "viktimë", "biktima",
        "partie civile", "brottsoffer", "målsägande", "minderårig", "mindreårig", "fornærmede",
        "forurettede", "skadelidt", "asianomistaja", "alaikäi", "kannatanu", "alaealine",
        "cietuš", "nepilngad", "nukentėj", "nepilnamet", "ofiar", "poszkodowan", "pokrzywdz",
        "nieletni", "małoletni", "poškozen", "poškoden", "nezletil", "neplnolet", "mladistv",
        "maloljet", "maloletn", "mladoletn", "žrtv", "oštećen", "oškodovan", "áldozat", "sértett",
        "kiskorú", "mağdur", "reşit olmayan", "korban", "mangsa", "bawah umur",
        "nạn nhân", "vị thành niên", "mwathiriwa", "жертв", "жртв", "пострада", "постражда",
        "потерп", "несовершеннолет", "неповнол", "малолет", "малолет", "непълнолет", "оштећен",
        "θύμα", "θύματ", "ανήλικ", "παθόντ", "קורבן", "קרבן", "קטינה", "ضحية", "ضحايا", "قاصر",
        "مجني علي", "قربانی", "قرباني", "متاثرہ", "पीड़ित", "नाबालिग", "เหยื่อ", "ผู้เสียหาย",
        "ผู้เยาว์", "ভুক্তভোগী", "ভিকটিম", "ជនរងគ្រោះ", "သားကောင်", "ຜູ້ເຄາະຮ້າຍ", "பாதிக்கப்பட்ட",
        "బాధితు", "ተጎጂ", "მსხვერპლ", "fórnarlamb", "slagoffer", "mwathirika",
        "waathirika", "पीडित", "ਪੀੜਤ", "પીડિત", "වින්දිත", "хохирогч",
        "жәбірленуш", "jabrlanuvchi", "zərərçəkmiş", "dhibbane", "viktim",
        "受害", "被害", "未成年", "피해", "미성년",
    ),
    begin=("ohver", "ohvri", "upur"),
    whole=(
        *("oběť", "oběti", "obětí", "obětem", "obětmi", "obětech"),
        *("obeť", "obete", "obetí", "obeti", "obetiam", "obetiach", "obetou", "obeťou"),
        *("uhri", "uhrin", "uhria", "uhrit", "uhrien", "uhreja", "uhrille", "uhrilta", "uhrina"),
        *("auka", "aukos", "auką", "aukų", "aukai", "auką", "aukoms", "aukomis"),
        *("kurban", "kurbani", "kurbanin", "kurbana", "kurbanlar", "kurbanlari", "kurbanlarin"),
        *("kurbanim", "kurbandan", "kurbanla", "kurbanlara", "kurbanlardan", "kurbanidir"),
    ),
)
"""The same in other words and languages. Short ones are within others, and count where they begin;
whole are those with which surnames begin: Uhrig, Kurbanov, Aukamp, Obetsebi."""
_OF_NO_VICTIM: Final = folded_words(
    begin=(
        "opfermann", "opferman", "opferkuch", "opfergelt", "töpfer", "klopfer", "schöpfer",
        "köpfer", "knöpfer", "hopfer", "dopfer", "zöpfer", "stopfer",
    ),
)
"""Surnames and words in which another language's word for a victim is hidden."""
_VICTIM_IN_SHORT: Final = frozenset((
    "vot", "pvot", "vctm", "vctms", "minor", "minors", "child", "children", "mineur",
    "mineure", "mineurs", "mineures",
))
"""Victim of trafficking, a presumed one, and who cannot be anything else."""
_VICTIM_AS_CELL: Final = frozenset(("menor", "menores"))
"""Who is of age is no such thing, but retail is "por menor": alone, and nowhere else."""
# fmt: on
_VICTIM_AS_ROLE: Final = frozenset(("offer", "offeret"))
"""Danish and Norwegian, which is another word in English: as a role, and nowhere else."""
_ABBREVIATIONS: Final = frozenset(
    ("v", "vs", "vic", "vics", "vict", "victs", "vct", "vctm", "vctms")
)
"""Where roles, kinds and states stand; elsewhere they are initials, names and places."""
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
_NO_LETTER: Final = re.compile("[^a-z]+")
_NEARLY_CHARACTERS: Final = range(4, 11)
_NEARLY: Final = 0.75
"""Of the similarity that difflib counts: "victum" and "vicitm" have 0.83, "business" 0.29."""


def role_text(cell: str) -> str:
    """Return the role that a cell names, as it is compared with the roles there are."""
    role = cell.lower()
    # Of all roles that one is taken in other spellings too: a mark too many must not undo it.
    return Role.VICTIM if role not in ROLES and _letters(role) == Role.VICTIM else role


def means_victim(role: str, others: Iterable[str]) -> bool:
    """Tell whether a row that is not taken was of a victim, by its role and its `others` cells.

    A role that there is says whom the row is of, and remarks may speak of anybody: of the others
    only the bare word counts then, for perhaps the cells are shifted. Without one they are all that
    there is.
    """
    speaks = is_victim if role_text(role) in ROLES else names_victim
    return (
        names_victim(role)
        or role.casefold() in _VICTIM_AS_ROLE
        or abbreviates_victim(role)
        or is_nearly_victim(role)
        or any(map(speaks, others))
    )


def is_victim(cell: str) -> bool:
    """Tell whether a cell is the word itself, whatever marks stand beside its letters."""
    return _letters(cell) == Role.VICTIM


def names_victim(cell: str) -> bool:
    """Tell whether a victim is named in a cell, in one of many languages, or described.

    The words are a net and no proof: a victim may be told of in words that are not among them.
    """
    text = folded(cell)
    if text.strip() in _VICTIM_AS_CELL or not _VICTIM_IN_SHORT.isdisjoint(_WORD.findall(text)):
        return True
    return is_called_after_victims(cell) or tells_plight(cell)


def is_called_after_victims(name: str) -> bool:
    """Tell whether a file's name is of victims: not so `child trafficking suspects`."""
    return (
        Role.VICTIM in _letters(name)
        or _VICTIM_ELSEWHERE.search(_OF_NO_VICTIM.sub("", spaced(name))) is not None
    )


def heads_victim(heading: str) -> bool:
    """Tell whether what stands under a heading is a victim's."""
    return names_victim(heading) or tells_of_young(heading)


def abbreviates_victim(cell: str) -> bool:
    """Tell whether a cell is short for victim, numbered perhaps: `V`, `Vic. 2`, `VCTM`."""
    return _letters(cell) in _ABBREVIATIONS


def means_no(cell: str) -> bool:
    """Tell whether a cell under a heading such as "is victim" clearly denies it, or is empty."""
    return cell.strip(_AROUND).lower() in _NO


def is_nearly_victim(role: str) -> bool:
    """Tell whether a role is "victim" with a letter or two wrong, missing or changed about."""
    letters = _letters(role)
    is_as_long = len(letters) in _NEARLY_CHARACTERS  # asked of every cell: what follows is slow
    return is_as_long and bool(difflib.get_close_matches(letters, [Role.VICTIM], cutoff=_NEARLY))


def _letters(cell: str) -> str:
    """Return the letters of `cell` as a to z: an accent or a mark too many must not undo "victim".

    Each character by itself: NFKD takes quadratic time on a long run of combining marks.
    """
    if not cell.isascii():
        cell = "".join(unicodedata.normalize("NFKD", character) for character in cell)
    return _NO_LETTER.sub("", cell.lower().translate(_LOOK_ALIKES))
