"""Tells where plain words describe a victim without calling anybody one: `rescued`, `aged 14`.

Some of them say it of whomever the text is of, and some just as well what a trafficker did.
"""

import re
from typing import Final

from screening.importers.age_words import (
    ABOUT,
    AGE_WORDS,
    BELOW_18,
    OLD,
    TO,
    YEARS_ALONE,
    YEARS_OF_AGE,
)
from screening.importers.ages_beside_sex import may_tell_age_beside_sex, tells_age_beside_sex
from screening.importers.births import plain_digits
from screening.importers.folding import folded, folded_words, spaced

# fmt: off
_PLIGHT: Final = folded_words(
    within=(
        "sex slave", "forced prostitution", "forced labour", "forced labor", "forced marriage",
        "debt bondage", "in captivity", "held captive", "zwangsprosti", "zwangsarbeit",
        "zwangsverheirat", "ausgebeutet", "prostitution forcée", "travail forcé",
        "prostitución forzada", "trabajo forzado", "uitgebuit",
    ),
    begin=(
        "rescued", "juvenile", "teenage", "enslaved", "kidnapped", "abducted", "schoolgirl",
        "schoolboy", "gerettet", "rescatad", "resgatad", "explotada", "sfruttat", "liberada",
    ),
    whole=("teen", "teens", "preteen", "toddler", "u18", "forced into", "forced to"),
)
_UNDERGONE: Final = (
    "trafficked", "exploited", "forced", "coerced", "abused", "groomed", "prostituted", "raped",
    "lured", "pimped",
)
"""In the passive they are said of a victim; else they may be of who did it."""
_YOUNG: Final = (
    "girl", "girls", "boy", "boys", "mädchen", "fille", "fillette", "niña", "niñas", "niño",
    "niños", "ragazza", "ragazze", "menina", "meninas", "moça", "moças", "chica", "chicas",
    "menino", "meninos", "fillettes", "meisje", "meisjes", "flicka", "pige",
    "kiz", "lány", "dívka", "gadis",
)
_YOUNG_BEGIN: Final = ("dziewczyn", "девоч", "девушк", "дівчин", "мальчик")
_YOUNG_WITHIN: Final = ("女孩", "少女", "소녀", "فتاة", "लड़की")
_IS_YOUNG: Final = folded_words(within=_YOUNG_WITHIN, begin=_YOUNG_BEGIN, whole=_YOUNG)
_IS_UNDERGONE: Final = folded_words(whole=_UNDERGONE)
_MAY_BE_PLIGHT: Final = folded_words(
    within=(
        "in shelter", "at shelter", "at the shelter", "in a shelter", "safe house", "safehouse",
        "frauenhaus", "women's shelter", "missing person", "missing girl", "vermisste person",
        "freed by police", "freed from", "saved from", "she escaped", "from brothel",
        "persona desaparecida", "personne disparue",
    ),
    begin=(
        "runaway", "ausreißer", "fugueuse",
        "exploitée", "forcée", "contrainte", "forzad", "obligada", "forçada", "costrett",
        "gedwongen", "gezwungen", "zmuszan", "wykorzystywan", "принужд", "вынужд", "эксплуатир",
    ),
)
"""Where somebody is who was freed, and what in other languages may be active or passive."""
# fmt: on
_PASSIVE: Final = re.compile(
    rf"\b(?:was|were|is|are|been|being|be|got|gets)(?: \w+){{0,2}} (?:{'|'.join(_UNDERGONE)})\b"
    rf"|\b(?:{'|'.join(_UNDERGONE)}) (?:by|at|since|from|victim)\b"
)
_MINOR: Final = (
    rf"(?<!\d)(?:{BELOW_18}|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen)"
)
"""Those years in digits or in words of English."""
_GUESSED: Final = rf"(?:{_MINOR}|(?<!\d)1[0-7]{TO})"
"""Those years, or from which to which: of two digits, for `6-2` is how tall somebody is."""
_ABOUT: Final = rf"(?: {ABOUT}\.?){{0,2}}"
_IN_YEARS: Final = rf"{_MINOR}(?:{TO})? ?{YEARS_OF_AGE}"
_CLAUSE_ENDS: Final = r"(?=\s*(?:$|[,;:)!?/\n]|\.(?!\d)|(?:and|but|when|now|und|et|y|e)\b))"
_AGE: Final = re.compile(
    rf"(?<![^\W_])(?:{'|'.join(map(folded, AGE_WORDS))})(?:\W{{1,3}}{ABOUT}){{0,3}}\W{{0,3}}"
    rf"{_MINOR}(?:(?!\w)|{YEARS_OF_AGE})"
    rf"|{_MINOR}\W?{YEARS_OF_AGE}\W{{0,2}}{OLD}"
    r"|\b(?:s?he|i|sie|er|ich|zij|hij|ik)(?: (?:is|am|was|ist|bin|ben|war)|['\u2019][sm])"
    rf"{_ABOUT} (?:{_IN_YEARS}|{_GUESSED}){_CLAUSE_ENDS}"
    rf"|\b(?:tiene|tengo|tenia|tem|tenho|tinha|ha|ho|aveva|ma|mam|miala|j['\u2019]ai"
    rf"|(?:elle|il) (?:a|avait)){_ABOUT} {_IN_YEARS}{_CLAUSE_ENDS}"
    rf"|\bare{_ABOUT} {_MINOR}(?:{TO})? (?:de )?ani{_CLAUSE_ENDS}|{_MINOR} ?tuoi(?!\w)"
    rf"|(?<!\w)(?:{'|'.join(map(folded, ('ей', 'ему', 'мне', 'їй', 'йому')))}) {_MINOR}"
    rf" (?:лет|год|рок)[^\W\d_]{{0,2}}{_CLAUSE_ENDS}"
    rf"|{_MINOR} ?(?:y/o|yo|y\.o\.?)(?!\w)"
    rf"|{_MINOR}\W?(?:jahrig|jaehrig|jarig|arig|letni|летн|yasind)"
    rf"|{_MINOR} ?(?:岁|歲|歳|才|{folded('세')})"
    rf"|(?:^|[,;:(/]\s*){_GUESSED} ?{YEARS_ALONE}\s*(?:$|[,;.)/])"
    r"|\b(?:under|below|unter|moins de|menor de|onder|younger than|junger als|jonger dan"
    r"|plus jeune que|menor que|minore di)[ -]?1[0-8]\b"
)
"""A number of years alone may be a sentence or a while; beside commas it is an age."""
_SENTENCED: Final = folded_words(
    begin=(
        "guilty",
        "convicted",
        "sentenced",
        "imprison",
        "prison",
        "jail",
        "verurteilt",
        "schuldig",
        "haft",
        "freiheitsstrafe",
        "gefängnis",
        "condamn",
        "réclusion",
        "condenad",
        "prisión",
        "cárcel",
        "presidio",
        "prisão",
        "condannat",
        "reclusione",
        "carcere",
        "veroordeeld",
    ),
)
YEARS_OF_NO_AGE: Final = (
    rf"\d{{1,2}}(?:{TO})? ?{YEARS_ALONE}"
    rf"(?!\W{{0,3}}(?:{OLD}|o(?![^\W_])))"
)
"""A pattern of a number of years, in folded text, behind which no word says that it is an age."""
_SENTENCE: Final = re.compile(rf"(?:{_SENTENCED.pattern})[^\W\d_]*\W{{1,3}}{YEARS_OF_NO_AGE}")
"""`Guilty, 12 years`: of whom that is said those are no age."""


def tells_plight(text: str) -> bool:
    """Tell whether a text describes what befalls a victim, or somebody who is not of age."""
    plain = plain_digits(folded(text))
    unsentenced = _SENTENCE.sub("", plain)
    return (
        _PLIGHT.search(spaced(text)) is not None
        or _PASSIVE.search(plain) is not None
        or _AGE.search(unsentenced) is not None
        or tells_age_beside_sex(unsentenced)
        or _is_all(_IS_UNDERGONE, plain)
        or _is_all(_IS_YOUNG, plain)
    )


def may_tell_plight(text: str) -> bool:
    """Tell whether a text may describe a victim, or else a trafficker by what is done to others."""
    words = spaced(text)
    return (
        _IS_UNDERGONE.search(words) is not None
        or _MAY_BE_PLIGHT.search(words) is not None
        or may_tell_age_beside_sex(text)
    )


def tells_of_young(text: str) -> bool:
    """Tell whether a remark or a heading is of a girl or a boy: `Girl's number`.

    In a heading it says whose something is. In a remark it may be what an advertisement offers.
    """
    return _IS_YOUNG.search(folded(text)) is not None


def _is_all(words: re.Pattern[str], text: str) -> bool:
    return words.fullmatch(text.strip(" \t\r\n.,;!?()[]-")) is not None
