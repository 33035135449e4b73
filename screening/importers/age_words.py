"""How an age is written, whatever beside it tells that it is one: `aged about 15 years`."""

import re
from typing import Final

from screening.importers.folding import folded

# fmt: off
AGE_WORDS: Final = (
    "age", "aged", "ages", "alter", "lebensalter", "âge", "âgé", "âgée", "edad", "età", "idade",
    "leeftijd", "wiek", "возраст", "вік", "věk", "vek", "életkor", "yaş", "ikä", "ålder", "alder",
    "vârsta", "ηλικία", "عمر", "عمرها", "عمره",
    "العمر", "السن", "سن", "आयु", "उम्र", "umur", "usia", "tuổi", "年龄", "年齡",
    "年齢", "나이", "altersgruppe", "altersklasse", "leeftijdsgroep", "åldersgrupp", "aldersgruppe",
)
"""What columns of ages are called, and what stands before an age in a remark."""
_WORDS_FOR_YEARS: Final = (
    "years", "yrs", "yr", "y", "jahre", "ans", "años", "anos", "anni", "jaar", "lat", "let", "лет",
    "років", "år", "év", "éves", "ani",
)
"""What stands behind the number of an age, or of how long something lasts."""
_YEARS_OF_SOMEBODY: Final = (*_WORDS_FOR_YEARS, "year", "yo", "jahren", "j", "года", "роки", "yas")
"""What else does where another word tells that it is an age."""
# fmt: on
YEARS_ALONE: Final = rf"(?:{'|'.join(map(folded, _WORDS_FOR_YEARS))})(?![^\W_])"
"""A pattern of those words in folded text; they may be glued to the number."""
YEARS_OF_AGE: Final = rf"(?:{'|'.join(map(folded, _YEARS_OF_SOMEBODY))})(?![^\W_])"
"""The same of the words beside which another tells the age: `female 15yo`, `age 15y`."""
OLD: Final = (
    r"(?:old|alt|oud|gamm[ae]l|star[aey]|of age|от роду|d[ '\u2019]?(?:age|eta)"
    r"|d[ei] (?:edad|idade|eta))(?![^\W_])"
)
"""A pattern of what behind the years says that they are an age: `15 jaar oud`, `15 anni d'età`."""
ABOUT: Final = (
    r"(?:about|approx|approximately|around|roughly|circa|ca|between|only|just|now|of|is|was|ist|war"
    r"|still|barely|gerade|noch|apenas|seulement|appena|kun|ungefahr|etwa|zwischen|erst|nur|pas|environ|entre|unos|unas|solo|aprox|d|de|di|von|ok"
    r"|oko[lł]o|vers|est|es|e)"
)
"""What may stand between the word and the years: `age approx. 15`, `her age is 15`."""
BELOW_18: Final = "(?:1[0-7]|[1-9])"
"""A pattern of the years of who is no adult, in digits (Palermo Protocol, article 3 d)."""
NUMBER_BELOW_18: Final = re.compile(rf"(?<!\d)0*{BELOW_18}(?!\d)")
"""The same as a number of its own, in a form perhaps that has zeros before it."""
TO: Final = r"(?:\s?[-/\u2013]\s?| (?:or|and|oder|und|ou|o|to|bis|et|y|e|a) )\d{1,2}(?!\d|:)"
"""A pattern of what may follow the years of somebody whose age is guessed: `15-17`, `15 or 16`."""
