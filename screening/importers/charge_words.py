"""Columns of charges and sentences: they tell what the one in the row did, or got for it.

`Zwangsprostitution` there is what somebody is charged with, and `12 years` what they were given;
in a remark the one befalls a victim, and the other is an age.
"""

import re
from typing import Final

from screening.importers.folding import folded, folded_words
from screening.importers.plight_words import YEARS_OF_NO_AGE

# fmt: off
_OF_SENTENCES: Final = folded_words(
    within=(
        "sentence", "sentencing", "punishment", "years active", "years in", "years of activity",
        "strafmaß", "freiheitsstrafe", "gefängnis", "haftdauer", "strafdauer", "condamnation",
        "приговор", "вирок",
    ),
    begin=("strafe", "haftstrafe", "urteil", "condena", "sentencia", "sentença", "penalty",
           "conviction", "verdict", "prison", "jail", "custod", "strafhöhe"),
    whole=("pena", "penas", "peine", "peines", "straf", "straff", "term", "kara", "wyrok",
           "active for", "aktiv seit", "duration", "dauer", "durée", "duración", "durata"),
)
_OF_CHARGES: Final = folded_words(
    within=("offence", "offense", "delikt", "tatvorwurf", "straftat", "infraction",
            "accusation", "misdrijf", "przestępstw", "преступлен", "злочин"),
    begin=("charge", "crime", "vorwurf", "vorwürfe", "anklage", "delito", "reato", "reati",
           "indictment", "cargos", "imputaci", "incriminazion", "chef d", "chefs d"),
    whole=("tat", "delict", "crimen", "crímenes", "délit", "délits", "articles"),
)
_CHARGES: Final = folded_words(
    within=(
        "zwangsprostitution", "zwangsarbeit", "zwangsverheiratung", "forced prostitution",
        "forced labour", "forced labor", "forced marriage", "debt bondage", "prostitution forcée",
        "travail forcé", "mariage forcé", "prostitución forzada", "trabajo forzado",
        "matrimonio forzado", "trabajos forzados",
    ),
)
"""What somebody is charged with, by names in which what befell the victim is called so too."""
_DEEDS: Final = folded_words(
    within=("menschenhandel", "kinderhandel", "ausbeutung", "missbrauch", "mensenhandel",
            "zuhälterei", "kuppelei", "förderung"),
    begin=("proxén", "proxenet", "corrup"),
    whole=(
        "trafficking", "exploitation", "exploiting", "procuring", "pimping", "pandering",
        "grooming", "pornography", "solicitation of", "prostitution of", "abuse of", "sale of",
        "smuggling", "handel mit", "prostitution von", "trata", "explotación", "traite",
        "exploitation", "tratta", "sfruttamento", "tráfico", "exploração", "lenocínio",
    ),
)
_OF_OTHERS: Final = folded_words(
    within=("minderjähr", "menores de edad", "menor de edad", "menores de idade", "minorenn",
            "minderjarig", "underage", "under age"),
    whole=(
        "minor", "minors", "child", "children", "girl", "girls", "boy", "boys", "juvenile",
        "juveniles", "mineur", "mineurs", "mineure", "mineures", "niños", "niñas", "menores",
        "enfant", "enfants", "kind", "kinder", "kindern", "criança", "crianças", "bambini",
        "meninas",
        "minori", "mädchen", "teenage", "teenager", "teenagers", "teens",
    ),
)
"""Of whom a charge speaks where it names a deed: `trafficking of minors`."""
# fmt: on
_BARE_YEARS: Final = re.compile(YEARS_OF_NO_AGE)


def is_of_sentences(heading: str) -> bool:
    """Tell whether sentences stand under a heading, or how long somebody has done something."""
    return _OF_SENTENCES.search(folded(heading)) is not None


def is_of_charges(heading: str) -> bool:
    """Tell whether what stands under a heading is what somebody is charged with."""
    return _OF_CHARGES.search(folded(heading)) is not None


def read_sentence(cell: str) -> str:
    """Return a sentence without its years, where these are no age."""
    return _BARE_YEARS.sub("", folded(cell)) if _BARE_YEARS.search(folded(cell)) else cell


def read_charge(cell: str) -> str:
    """Return a charge without what it calls those whom somebody harmed.

    A word for a victim outright still counts, and so does one for a minor beside which no deed is
    named: it may be of the one in the row.
    """
    text = folded(cell)
    rest = _CHARGES.sub("", text)
    if rest != text or _DEEDS.search(text):
        return _OF_OTHERS.sub("", rest)
    return cell
