"""How an age is written, whatever beside it tells that it is one: `aged about 15 years`."""

from typing import Final

# fmt: off
AGE_WORDS: Final = (
    "age", "aged", "ages", "alter", "lebensalter", "âge", "âgé", "âgée", "edad", "età", "idade",
    "leeftijd", "wiek", "возраст", "вік", "věk", "vek", "életkor", "yaş", "ikä", "ålder", "alder",
    "vârsta", "ηλικία", "عمر", "عمرها", "عمره",
    "العمر", "السن", "سن", "आयु", "उम्र", "umur", "usia", "tuổi", "年龄", "年齡",
    "年齢", "나이", "altersgruppe", "altersklasse", "leeftijdsgroep", "åldersgrupp", "aldersgruppe",
)
"""What columns of ages are called, and what stands before an age in a remark."""
WORDS_FOR_YEARS: Final = (
    "years", "yrs", "y", "jahre", "ans", "años", "anos", "anni", "jaar", "lat", "let", "лет",
    "років", "år",
)
"""What stands behind the number of an age, or of how long something lasts."""
# fmt: on
ABOUT: Final = (
    r"(?:about|approx|approximately|around|roughly|circa|ca|between|only|just|of|is|was|ist|war"
    r"|ungefahr|etwa|zwischen|environ|entre|unos|unas|aprox|d|de|di|von|ok|okolo|vers|est|es|e)"
)
"""What may stand between the word and the years: `age approx. 15`, `her age is 15`."""
BELOW_18: Final = "(?:1[0-7]|[1-9])"
"""A pattern of the years of who is no adult, in digits (Palermo Protocol, article 3 d)."""
