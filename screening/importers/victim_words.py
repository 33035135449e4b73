"""Tells where a cell speaks of a victim, in whatever spelling or language.

An entry of role victim keeps a selector out of every index. A row that is not taken, and was of a
victim, protects nobody until it is corrected: so it is reported with more weight than another.
"""

import difflib
import re
import unicodedata
from collections.abc import Iterable
from typing import Final

from screening.importers.entry import ROLES, Role
from screening.importers.folding import folded, folded_words, spaced
from screening.importers.plight_words import tells_of_young, tells_plight

_NO_LETTER_BEFORE: Final = r"(?<![^\W\d_])"
_NO_LETTER_AFTER: Final = r"(?![^\W\d_])"
_BESIDE_KIND: Final = (
    "ein|eine[ms]|das|de[mrs]|diese[sm]|jede[sm]|kein|sein|seinem|ihr|ihrem|mein|meinem|vom|beim|zum|"
    "mit|als|und|oder|telefon|tel|handy|handynummer|rufnummer|telefonnummer|nummer|mobil|vorname|"
    "nachname|alter|geburtsdatum"
)
_KIND: Final = (
    f"{_NO_LETTER_BEFORE}(?:(?:{_BESIDE_KIND})[ .:]{{1,2}}kind{_NO_LETTER_AFTER}"
    f"|kind[ .:\\d]{{1,4}}(?:{_BESIDE_KIND}){_NO_LETTER_AFTER})"
)
"""German for a child, which is another word in English: beside other words of German."""
_KIND_ALONE: Final = re.compile(r"\W*(?:Kind|KIND)(?:\s*\d{1,2})?(?:,\s|\s*[;(/]|\s*$)")
"""So it is with a capital as all of a cell, or before a mark that parts no names of columns."""
_LOOK_ALIKES: Final = str.maketrans(
    "\u0131\u026a\u0456\u03b9\u1d20\u03bd\u0475\u0441\u03f2\u1d04\u0442\u03c4\u1d1b\u043c\u1d0d",
    "iiiivvvccctttmm",
)
"""Letters of other alphabets, and small capitals, with which "victim" can be written."""
# fmt: off
_VICTIM_ELSEWHERE: Final = folded_words(
    within=(
        "survivor", "sobreviv", "superviv", "underage", "under age", "injured party", "aggrieved",
        "injured parties", "person harmed", "persons harmed", "people harmed", "harmed person",
        "protected person", "überlebend", "ueberlebend", "sopravvissut", "overlevende",
        "överlevande", "trafficked person", "opfer", "geschädigt", "geschaedigt", "minderjähr",
        "minderjaehr",
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
    begin=(
        "ohver", "ohvri", "upur", "hostage", "survivant", "ocalał", "ocalal", "ocalon", "выживш",
        "ofendid",
    ),
    whole=(
        *("oběť", "oběti", "obětí", "obětem", "obětmi", "obětech"),
        *("obeť", "obete", "obetí", "obeti", "obetiam", "obetiach", "obetou", "obeťou"),
        *("uhri", "uhrin", "uhria", "uhrit", "uhrien", "uhreja", "uhrille", "uhrilta", "uhrina"),
        *("auka", "aukos", "auką", "aukų", "aukai", "auką", "aukoms", "aukomis"),
        *("kurban", "kurbani", "kurbanin", "kurbana", "kurbanlar", "kurbanlari", "kurbanlarin"),
        *("kurbanim", "kurbandan", "kurbanla", "kurbanlara", "kurbanlardan", "kurbanidir"),
        *("betroffene", "betroffener", "betroffenen", "betroffenem"),
        *("verletzte", "verletzter", "verletzten", "verletztem"),
        *("rescapé", "rescapée", "rescapés", "rescapées"),
        *("captive", "captives", "slave", "slaves"),
    ),
)
"""The same in other words and languages. Short ones are within others, and count where they begin;
whole are those with which other words begin: Uhrig, Kurbanov, Aukamp, Obetsebi, Captiva."""
_OF_NO_VICTIM: Final = folded_words(
    begin=(
        "opfermann", "opferman", "opferkuch", "opfergelt", "töpfer", "klopfer", "schöpfer",
        "köpfer", "knöpfer", "hopfer", "dopfer", "zöpfer", "stopfer",
        "hostage tak", "captive portal", "captive insur", "captive audience", "captive market",
        "type slave", "origine slave", "accent slave", "langue slave", "langues slave",
        "verletzte norm", "verletzte vorschrift", "verletzte gesetz", "verletzte rechtsg",
        "betroffene system", "betroffene gerät", "betroffene geraet", "betroffene länder",
        "betroffene laender", "betroffene region", "betroffene orte", "betroffene plattform",
    ),
)
"""Surnames and words in which a word for a victim is hidden, and what else it is said of."""
_VICTIM_IN_SHORT: Final = frozenset(("vot", "vots", "pvot", "pvots", "vctm", "vctms"))
"""Victim of trafficking, and a presumed one."""
_MINORS: Final = frozenset((
    "minor", "minors", "child", "children", "mineur", "mineure", "mineurs", "mineures", "enfant",
    "enfants", "crianca", "criancas", "bambino", "bambina", "bambini", "bambine", "kinder",
    "kindern", "kindes", "kid", "kids", "baby", "babies", "infant", "infants", "minori", "dziecko",
    "dziecka", "dziecku", "dzieckiem", "dzieci", "copil", "copilul", "copilului", "copii", "copiii",
    "anak", "anaknya",
))
"""Who cannot be anything else; without accents."""
_IN_ADDRESSES: Final = frozenset(("kid", "kids", "baby", "babies"))
"""Those of them that shops and escorts are called by."""
_ADDRESS: Final = re.compile(
    r"(?:https?://|www\.)[^\s,;<>|\"')\]]+|@[\w-]+(?:\.[\w-]+)+"
    r"|(?<![\w@.-])(?:[\w-]+\.)+(?:com|net|org|biz|io|xyz|example|eu|uk|de|ch|fr|nl|pl"
    r"|pt|br|mx|ru|ua|dk)"
    r"(?![\w-])(?:/[^\s,;<>|\"')\]]*)?"
)
"""Of the Web, or the domain of an e-mail address; in folded text.

Without its beginning it ends in no word of English: `saw a kid.no more`.
"""
_MINORS_ELSEWHERE: Final = re.compile(
    folded_words(
        within=("儿童", "兒童", "子ども", "子供", "아동", "어린이", "बच्चा", "बच्ची", "बच्चे", "أطفال"),
        begin=("ребён", "gyermek", "çocuk", "çocuğ"),
        whole=(
            *("طفل", "طفلة", "الطفل", "الطفلة", "παιδί", "παιδιά", "παιδιού", "παιδιών"),
            *("дети", "детей", "детям", "детьми", "дитина", "дитини", "діти", "дітей"),
            *("ett barn", "et barn", "telefon barn", "mobil barn", "barns telefon"),
        ),
    ).pattern
    + "|"
    + _KIND
)
_CZECH_MINORS: Final = ("dítě", "dítěte", "dítěti", "děti", "dětí", "dětem", "dieťa", "dieťaťa")
_MINORS_IN_ACCENTS: Final = re.compile(
    "|".join(
        rf"(?<!\w){unicodedata.normalize(form, word)}(?!\w)"
        for word in _CZECH_MINORS
        for form in ("NFC", "NFD")
    ),
    re.IGNORECASE,
)
"""Without accents they are words of French and Spanish: `dite Lola`, `dieta`."""
_VICTIM_AS_CELL: Final = frozenset(("menor", "menores"))
"""Who is of age is no such thing, but retail is "por menor": alone, and nowhere else."""
# fmt: on
_VICTIM_AS_ROLE: Final = frozenset(("offer", "offeret", "kind", "barn"))
"""Of the North and German, which is another word in English: as a role, in any case."""
_ABBREVIATIONS: Final = frozenset(
    ("v", "vs", "vic", "vics", "vict", "victs", "vct", "vctm", "vctms")
)
"""Where roles, kinds and states stand; elsewhere they are initials, names and places."""
_INITIALS: Final = frozenset(("v", "vs"))
"""Those of them that say nothing in a heading: volts, versus."""
_NO: Final = frozenset(
    (
        *("", "0", "no", "n", "false", "0.0", "none", "nil", "null", "n/a", "nein", "non", "nee"),
        *("nej", "nei", "nie", "ne", "não", "nao", "falsch", "falso", "faux", "nem"),
        *("нет", "ні", "не", "όχι", "لا", "לא", "いいえ", "否", "아니요", "tidak"),
    )
)
"""What a cell says that denies what its column asks; marks such as a dash beside it are nothing."""
AROUND_A_NO: Final = " \t\r\n.-\u2013\u2014"
"""Marks that say nothing beside it."""
_WORD: Final = re.compile("[a-z]+")
_NO_LETTER: Final = re.compile("[^a-z]+")
_NEARLY_CHARACTERS: Final = range(4, 11)
_WORD_AMONG_OTHERS: Final = re.compile(
    rf"{_NO_LETTER_BEFORE}(?=[a-z]{{0,9}}i)(?=[a-z]{{0,9}}[vc])(?=[a-z]{{0,9}}[tm])"
    rf"[a-z]{{5,10}}{_NO_LETTER_AFTER}"
)
"""What may be "victim" misspelt; among others, of four letters most are something else: `Viti`."""
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
    return (
        text.strip() in _VICTIM_AS_CELL
        or _names_minor(text)
        or _MINORS_ELSEWHERE.search(spaced(cell)) is not None
        or _KIND_ALONE.match(cell) is not None
        or _MINORS_IN_ACCENTS.search(cell) is not None
        or is_called_after_victims(cell)
        or tells_plight(cell)
    )


def _names_minor(text: str) -> bool:
    named = _MINORS.intersection(_WORD.findall(text))
    if named <= _IN_ADDRESSES:
        return bool(named) and not named.isdisjoint(_WORD.findall(_ADDRESS.sub(" ", text)))
    return True


def is_called_after_victims(name: str) -> bool:
    """Tell whether a file's name is of victims: not so `child trafficking suspects`."""
    words, letters = spaced(name), _letters(name)
    return (
        Role.VICTIM in letters
        or letters in _VICTIM_IN_SHORT
        or (_is_nearly(letters) and len(letters) == sum(map(str.isalpha, words)))
        or not _VICTIM_IN_SHORT.isdisjoint(_WORD.findall(words))
        or any(map(_is_nearly, _WORD_AMONG_OTHERS.findall(words)))
        or _VICTIM_ELSEWHERE.search(_OF_NO_VICTIM.sub("", words)) is not None
    )


def heads_victim(heading: str) -> bool:
    """Tell whether what stands under a heading, or behind a label, is a victim's: `Vic. phone`."""
    first = _WORD.match(folded(heading).lstrip())
    is_short = first is not None and first[0] in _ABBREVIATIONS - _INITIALS
    return is_short or names_victim(heading) or tells_of_young(heading)


def abbreviates_victim(cell: str) -> bool:
    """Tell whether a cell is short for victim, numbered perhaps: `V`, `Vic. 2`, `VCTM`."""
    return _letters(cell) in _ABBREVIATIONS


def means_no(cell: str) -> bool:
    """Tell whether a cell under a heading such as "is victim" clearly denies it, or is empty."""
    return cell.strip(AROUND_A_NO).lower() in _NO


def _is_nearly(letters: str) -> bool:
    """Tell whether letters are "victim" with one or two wrong, missing or changed about."""
    is_as_long = len(letters) in _NEARLY_CHARACTERS  # asked of every cell: what follows is slow
    return is_as_long and bool(difflib.get_close_matches(letters, [Role.VICTIM], cutoff=_NEARLY))


def _letters(cell: str) -> str:
    """Return the letters of `cell` as a to z: an accent or a mark too many must not undo "victim".

    Each character by itself: NFKD takes quadratic time on a long run of combining marks.
    """
    if not cell.isascii():
        cell = "".join(unicodedata.normalize("NFKD", character) for character in cell)
    return _NO_LETTER.sub("", cell.lower().translate(_LOOK_ALIKES))
