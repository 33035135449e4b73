"""Ages beside a sex, with no word that calls them ages: `female, 15`, `mujer de 15 años`.

So descriptions of persons have them. The same signs name seats, gates, sizes and streets: an age is
what stands between commas or brackets, or at the end.
"""

import re
from typing import Final

from indexer.importers.folding import folded, folded_words

# fmt: off
_SEXES: Final = (
    "female", "male", "fem", "woman", "girl", "boy",
    "weiblich", "männlich", "frau", "mädchen", "junge",
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
_YEARS: Final = (
    "years?", "yrs?", "y", "yo", "jahren?", "j", "ans", "anos", "anni", "jaar", "lat", "let",
    "лет", "рок[іи]в", "ar", "yas",
)
_OF_NO_PERSON: Final = (
    "gate", "terminal", "seat", "row", "room", "zimmer", "platform", "flat", "apt", "apartment",
    "block", "building", "wing", "level", "hall", "stand", "size", "class", "line", "bus", "tram",
    "exit", "door", "section", "unit", "sitz", "reihe", "gleis", "linie", "halle", "haus",
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
_TWO_DIGITS: Final = r"(?<![\d.,+])1[0-7](?!\d)"
_MINOR: Final = r"(?<![\d.])(?:1[0-7]|[1-9])(?!\d)"
"""Below 18 (Palermo Protocol, article 3 d)."""
_ITS_YEARS: Final = rf"(?: ?{_any_of(_YEARS)}(?![^\W_])\.?(?: (?:old|alt)(?![^\W_]))?)?"
_BEGINS: Final = r"(?:^|(?<=[,;:(\[/|\n])|(?<=\d{4})\s)\s{0,9}"
"""Few spaces: of a cell of line breaks each would be tried with all behind it."""
_ENDS: Final = (
    r"\s*(?:$|[;!?\n\])|]|[,:/](?![\d/])|\.(?!\d| ?(?:stock|etage))|[-\u2013\u2014]\s"
    r"|(?:and|but|from|und|aus|et|y|e|de|i)(?![^\W_])"
    r"|(?<=\s)(?:\+\d|\(?\d{3})"
    r"|(?:tel|phone|mobile?|mob|cell|call|handy|whatsapp|e-?mail|contact)(?![^\W_]))"
)
_BESIDE: Final = re.compile(
    rf"{_SEX}\.?(?:\s*[,;:(/\[|]\s*{_MINOR}|[\s-]{{0,2}}{_TWO_DIGITS}){_ITS_YEARS}{_ENDS}"
    rf"|{_BEGINS}(?:{_TWO_DIGITS}{_ITS_YEARS}|{_MINOR} ?{_any_of(_YEARS)})"
    rf"(?:\s*[,/(]\s*|\s){_SEX}{_ENDS}"
    rf"|{_SEX}(?: (?!{_any_of(_OF_A_WHILE)})[^\W\d_]+)? "
    rf"(?:de|di|of|von|van|w wieku) {_MINOR}(?: ?{_any_of(_YEARS)}(?![^\W_])|{_ENDS})"
    rf"|{_BEGINS}de {_MINOR} (?:ans|anos){_ENDS}"
)
"""`female, 15`, `Female 15 years`; `15, female`; `fille russe de 15 ans`; `de 15 ans`."""
_BESIDE_A_LETTER: Final = re.compile(
    rf"{_BEGINS}[fmw\u0436]\.?[ ,]{{1,2}}{_TWO_DIGITS}{_ITS_YEARS}{_ENDS}"
    rf"|{_BEGINS}{_TWO_DIGITS}{_ITS_YEARS}(?:, ?[fmw]|(?<=[^\W\d_.]) [fmw]| f){_ENDS}"
)
"""`F, 15`, `F 15 y`, `(w, 15)`, a letter of Russian; `15, f`, `15 y m`, `15 F`; not `15 m`."""
_GLUED: Final = re.compile(rf"{_BEGINS}[mw]{_TWO_DIGITS}{_ENDS}")
"""`w15`, of German; capitals are postcodes: `London, W14`."""
_GLUED_ANYWHERE: Final = re.compile(
    r"(?<![^\W_])(?:1[0-7] ?/ ?[fmw]|[fmw] ?/ ?1[0-7]|1[0-7]f|f1[0-7])(?![^\W_])"
)
"""`17F`, `m/15`: an age, or a seat of an aeroplane."""
_DIGIT: Final = re.compile(r"[1-9]")
_PLACES: Final = re.compile(
    rf"(?<![^\W_]){_any_of(_OF_NO_PERSON)}s?\.? (?:[fmw][ ,./-]{{0,2}}\d{{1,2}}|\d{{1,2}} ?[fmw])"
    rf"(?![^\W_]| ?{_any_of(_YEARS)}(?![^\W_]))"
)


def tells_age_beside_sex(text: str) -> bool:
    """Tell whether a `folded` text has an age below 18 beside a word for a sex."""
    # Most texts have no number, and what follows is slow.
    return _DIGIT.search(text) is not None and _BESIDE.search(text) is not None


def may_tell_age_beside_sex(text: str) -> bool:
    """Tell whether a text has what may be such an age beside a letter for a sex."""
    if not _DIGIT.search(text):
        return False
    plain = _PLACES.sub("", folded(text))
    return (
        _GLUED_ANYWHERE.search(plain) is not None
        or _BESIDE_A_LETTER.search(plain) is not None
        or _GLUED.search(text) is not None
    )
