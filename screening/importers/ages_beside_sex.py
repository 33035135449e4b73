"""Ages beside a sex, with no word that calls them ages: `female, 15`, `mujer de 15 años`.

So descriptions of persons have them. The same signs name seats, gates, sizes and streets: an age is
what stands between commas or brackets, or at the end.
"""

import re
from typing import Final

from screening.importers.age_words import ABOUT, BELOW_18, OLD, TO, YEARS_OF_AGE
from screening.importers.births import plain_digits
from screening.importers.folding import folded, folded_words

# fmt: off
_SEXES: Final = (
    "female", "females", "male", "males", "fem", "woman", "girl", "boy",
    "weiblich", "weibl", "männlich", "männl",
    "frau", "mädchen", "junge",
    "femme", "homme", "fille", "fillette", "garçon", "féminin", "masculin", "jeune", "adolescente",
    "mujer", "hombre", "chica", "chico", "niña", "niño", "femenino", "masculino", "joven", "sexo f",
    "donna", "uomo", "ragazza", "ragazzo", "femmina", "maschio",
    "mulher", "homem", "menina", "menino", "moça", "rapariga", "rapaz", "feminino",
    "vrouw", "vrouwelijk", "mannelijk", "meisje", "jongen",
    "kobieta", "mężczyzna", "dziewczyna", "dziewczynka", "chłopak", "chłopiec",
    "kvinna", "kvinde", "kvinne", "flicka", "pige", "jente",
    "женщина", "мужчина", "девушка", "девочка", "мальчик", "парень", "жен", "муж",
    "жінка", "дівчина", "чоловік", "kadin", "erkek", "kiz",
)
_OF_NO_PERSON: Final = (
    "gate", "terminal", "seat", "row", "room", "zimmer", "platform", "flat", "apt", "apartment",
    "block", "building", "suite", "wing", "level", "hall", "stand", "size", "class", "line", "bus",
    "tram", "exit", "door", "section", "unit", "tower", "sector", "plot", "zone", "bay",
    "ward", "court", "camp", "road", "highway", "motorway", "route", "model", "sitz", "reihe",
    "gleis", "linie", "halle", "haus",
)
"""Before a letter and a number these name a place or a thing."""
_OF_A_WHILE: Final = (
    "condamn", "conden", "peine", "pena", "prision", "prison", "reclus", "carcel", "experience",
    "experiencia", "carriere", "contrat", "contrato",
)
"""What lasts so many years, and is no person: `condamnée de 15 ans`."""
# fmt: on


def _any_of(words: tuple[str, ...]) -> str:
    return f"(?:{'|'.join(map(folded, words))})"


_SEX: Final = f"(?:{folded_words(whole=_SEXES).pattern})"
_OF_A_LAND: Final = r"[^\W\d_]{3,}(?:an[ao]|en[ao]|esa|in[ao]|ola|ense|[ao]ise|ienne|aine|eir[ao])"
"""`venezolana`, `hondurena`, `congolaise`."""
_OLDER: Final = rf"1[0-7](?!\d)(?:\+|{TO})?"
_TWO_DIGITS: Final = rf"(?<![\d.,+]){_OLDER}"
"""Below 18 (Palermo Protocol, article 3 d)."""
_ITS_YEARS: Final = rf"(?: ?{YEARS_OF_AGE}\.?(?: {OLD})?)?"
_IN_YEARS: Final = rf"(?<![\d.]){BELOW_18}(?!\d) ?{YEARS_OF_AGE}"
"""One digit alone counts something, or is a code of the sex."""
_BEGINS: Final = r"(?:^|(?<=[,;:(\[/|\n])|(?<=\d{4})\s)\s{0,9}"
"""Few spaces: of a cell of line breaks each would be tried with all behind it."""
_MARK: Final = r"\s{0,9}[,;:(/\[|\u2013\u2014-]\s{0,9}"
_BEHIND_AGE: Final = (
    r"\s*(?:$|[;!?\n\])|]|[,:/](?![\d/])|\.(?!\d| ?(?:stock|etage))|[-\u2013\u2014]\s"
    r"|(?:and|but|from|und|aus|et|y|e|de(?! (?:pris|reclu|carc|pena|peine))|i)(?![^\W_])"
    r"|(?<=\s)(?:\+\d|\(?\d{3})"
    r"|(?:tel|phone|mobile?|mob|cell|call|handy|whatsapp|email|contact)(?![^\W_]))"
)
_BESIDE: Final = re.compile(
    rf"{_SEX}\.?(?:{_MARK}|\s{{0,2}})(?:{ABOUT}\W{{1,3}})?"
    rf"(?:{_OLDER}{_ITS_YEARS}|{_IN_YEARS}){_BEHIND_AGE}"
    rf"|{_SEX}, [1-9]\s*(?:$|[,.;])"
    rf"|{_BEGINS}(?:{ABOUT}\W{{1,3}})?(?:{_TWO_DIGITS}{_ITS_YEARS}|{_IN_YEARS})"
    rf"(?:{_MARK}|\s){_SEX}{_BEHIND_AGE}"
    rf"|{_SEX}(?: (?!{_any_of(_OF_A_WHILE)})[^\W\d_]+)? "
    rf"(?:de|di|of|von|van|w wieku) (?:{_IN_YEARS}|{BELOW_18}(?!\d){_BEHIND_AGE})"
    rf"|{_BEGINS}(?:(?!{_any_of(_OF_A_WHILE)}){_OF_A_LAND} )?de {_IN_YEARS}{_BEHIND_AGE}"
)
"""`female, 15`, `Female 15 years`; `15, female`; `fille russe de 15 ans`; `de 15 ans`."""
_BESIDE_A_LETTER: Final = re.compile(
    rf"{_BEGINS}[fmw\u0436]\.?(?:[ ,]{{1,2}}| ?\(| [-\u2013] ){_OLDER}{_ITS_YEARS}{_BEHIND_AGE}"
    rf"|{_BEGINS}[fmw\u0436]\.?[-\u2013]{_IN_YEARS}{_BEHIND_AGE}"
    rf"|{_BEGINS}[mw\u0436]{_TWO_DIGITS} {YEARS_OF_AGE}{_BEHIND_AGE}"
    rf"|^[^\W\d_]{{2,20}} [fmw] (?=1[3-7]){_OLDER}$"
    rf"|{_BEGINS}{_TWO_DIGITS}{_ITS_YEARS}(?:, ?[fmw]|(?<=[^\W\d_.]) [fmw]| f){_BEHIND_AGE}"
)
"""`F, 15`, `F 15 y`, `(w, 15)`, `f-15 y`, or ж; `15, f`, `15 y m`, `15 F`; not `15 m`."""
_GLUED: Final = re.compile(rf"{_BEGINS}[mw]{_TWO_DIGITS}{_BEHIND_AGE}")
"""`w15`, of German; capitals are postcodes: `London, W14`."""
_GLUED_ANYWHERE: Final = re.compile(
    rf"(?<![^\W_])(?:1[0-7](?:(?: ?{YEARS_OF_AGE})? ?/ ?[fmw]|f|(?:yo?|yrs?|j)[fmw])(?![^\W_])"
    rf"|(?:[fmw] ?/ ?1[0-7]|f1[0-7])(?:(?![^\W_])|{YEARS_OF_AGE})|[mw\u0436]1[0-7]{YEARS_OF_AGE})"
)
"""`17F`, `m/15`, `15y/F`: an age, or a seat of an aeroplane."""
_DIGIT: Final = re.compile(r"\d")
_PLACES: Final = re.compile(
    rf"(?<![^\W_]){_any_of(_OF_NO_PERSON)}s?\.? (?:[fmw][ ,./-]{{0,2}}\d{{1,2}}|\d{{1,2}} ?[fmw])"
    rf"(?![^\W_]| ?{YEARS_OF_AGE})"
)


def tells_age_beside_sex(text: str) -> bool:
    """Tell whether a `folded` text of `plain_digits` has an age below 18 beside a sex."""
    # Most texts have no number, and what follows is slow.
    return _DIGIT.search(text) is not None and _BESIDE.search(text) is not None


def may_tell_age_beside_sex(text: str) -> bool:
    """Tell whether a text has what may be such an age beside a letter for a sex."""
    if not _DIGIT.search(text):
        return False
    text = plain_digits(text)
    plain = _PLACES.sub("", folded(text))
    return (
        _GLUED_ANYWHERE.search(plain) is not None
        or _BESIDE_A_LETTER.search(plain) is not None
        or _GLUED.search(text) is not None
    )
