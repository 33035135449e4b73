"""Tells where a cell is a country: its usual name, its code of three letters, or its flag.

A column of them says of what country the phones beside it are, whatever it is called itself. It is
recognised by them, and no name or flag is read: whoever has named it region writes codes in it.
"""

import re
from typing import Final

from screening.vocabulary.column_names import words_of
from screening.vocabulary.country_codes import ALPHA_3
from screening.vocabulary.normalise import is_region

# fmt: off
_NAMES: Final = (
    # Names that one of the four languages shares with another stand once; those that are first of
    # all names of people (Chad, Georgia, Jordan) are left out.
    # English
    "Afghanistan", "Albania", "Algeria", "Angola", "Argentina", "Armenia", "Australia", "Austria",
    "Azerbaijan", "Bahrain", "Bangladesh", "Belarus", "Belgium", "Benin", "Bolivia",
    "Bosnia and Herzegovina", "Bosnia", "Brazil", "Bulgaria", "Burkina Faso", "Cambodia",
    "Cameroon", "Canada", "Chile", "China", "Colombia", "Congo", "Costa Rica", "Croatia", "Cuba",
    "Cyprus", "Czech Republic", "Czechia", "Denmark", "Dominican Republic", "Ecuador", "Egypt",
    "El Salvador", "England", "Eritrea", "Estonia", "Ethiopia", "Finland", "France", "Germany",
    "Ghana", "Greece", "Great Britain", "Britain", "Guatemala", "Guinea", "Haiti", "Honduras",
    "Hong Kong", "Hungary", "Iceland", "India", "Indonesia", "Iran", "Iraq", "Ireland", "Israel",
    "Italy", "Ivory Coast", "Jamaica", "Japan", "Kazakhstan", "Kenya", "Kosovo", "Kuwait",
    "Kyrgyzstan", "Laos", "Latvia", "Lebanon", "Libya", "Lithuania", "Luxembourg", "Madagascar",
    "Malaysia", "Mali", "Malta", "Mexico", "Moldova", "Mongolia", "Montenegro", "Morocco",
    "Mozambique", "Myanmar", "Nepal", "Netherlands", "The Netherlands", "Holland", "New Zealand",
    "Nicaragua", "Niger", "Nigeria", "North Macedonia", "Macedonia", "Northern Ireland", "Norway",
    "Oman", "Pakistan", "Panama", "Paraguay", "Peru", "Philippines", "The Philippines", "Poland",
    "Portugal", "Puerto Rico", "Qatar", "Romania", "Russia", "Russian Federation", "Rwanda",
    "Saudi Arabia", "Scotland", "Senegal", "Serbia", "Sierra Leone", "Singapore", "Slovakia",
    "Slovenia", "Somalia", "South Africa", "South Korea", "Korea", "Republic of Korea", "Spain",
    "Sri Lanka", "Sudan", "Sweden", "Switzerland", "Syria", "Taiwan", "Tajikistan", "Tanzania",
    "Thailand", "Togo", "Tunisia", "Turkey", "Turkmenistan", "Uganda", "Ukraine",
    "United Arab Emirates", "UAE", "Emirates", "United Kingdom", "U.K.", "United States",
    "United States of America", "U.S.", "U.S.A.", "America", "Uruguay", "Uzbekistan", "Venezuela",
    "Vietnam", "Viet Nam", "Wales", "Yemen", "Zambia", "Zimbabwe",
    # German
    "Ägypten", "Albanien", "Algerien", "Argentinien", "Armenien", "Aserbaidschan", "Äthiopien",
    "Australien", "Bangladesch", "Belgien", "Bolivien", "Bosnien und Herzegowina", "Bosnien",
    "Brasilien", "Bulgarien", "BRD", "Bundesrepublik Deutschland", "Dänemark", "Deutschland",
    "Dominikanische Republik", "Elfenbeinküste", "Estland", "Finnland", "Frankreich",
    "Griechenland", "Großbritannien", "Grossbritannien", "Indien", "Indonesien", "Irak", "Irland",
    "Island", "Italien", "Jemen", "Kambodscha", "Kamerun", "Kanada", "Kasachstan", "Katar",
    "Kenia", "Kirgisistan", "Kolumbien", "Kroatien", "Kuba", "Lettland", "Libanon", "Libyen",
    "Litauen", "Luxemburg", "Madagaskar", "Marokko", "Mexiko", "Moldau", "Moldawien", "Mongolei",
    "Mosambik", "Neuseeland", "Niederlande", "Holland", "Nordmazedonien", "Mazedonien", "Norwegen",
    "Österreich", "Philippinen", "Polen", "Ruanda", "Rumänien", "Russland", "Rußland", "Sambia",
    "Saudi-Arabien", "Schottland", "Schweden", "Schweiz", "Serbien", "Simbabwe", "Singapur",
    "Slowakei", "Slowenien", "Spanien", "Südafrika", "Südkorea", "Syrien", "Tadschikistan",
    "Tansania", "Tschechien", "Tunesien", "Türkei", "Ungarn", "USA", "Usbekistan",
    "Vereinigte Arabische Emirate", "Vereinigtes Königreich", "Vereinigte Staaten",
    "Vereinigte Staaten von Amerika", "Weißrussland", "Weissrussland", "Zypern",
    # Spanish
    "Afganistán", "Alemania", "Arabia Saudita", "Arabia Saudí", "Argelia", "Azerbaiyán", "Baréin",
    "Bélgica", "Bielorrusia", "Bosnia y Herzegovina", "Brasil", "Bulgaria", "Camboya", "Camerún",
    "Catar", "Chequia", "República Checa", "Chipre", "Corea del Sur", "Costa de Marfil", "Croacia",
    "Dinamarca", "EE. UU.", "EEUU", "Egipto", "Emiratos Árabes Unidos", "Escocia", "Eslovaquia",
    "Eslovenia", "España", "Estados Unidos", "Estados Unidos de América", "Etiopía", "Filipinas",
    "Finlandia", "Francia", "Gran Bretaña", "Grecia", "Haití", "Holanda", "Hungría", "Inglaterra",
    "Irán", "Irlanda", "Islandia", "Italia", "Japón", "Kazajistán", "Letonia", "Líbano", "Libia",
    "Lituania", "Luxemburgo", "Malasia", "Marruecos", "México", "Moldavia", "Noruega",
    "Nueva Zelanda", "Países Bajos", "Pakistán", "Panamá", "Perú", "Polonia", "Reino Unido",
    "República Dominicana", "Rumanía", "Rumania", "Rusia", "Serbia", "Singapur", "Siria",
    "Sudáfrica", "Suecia", "Suiza", "Tailandia", "Taiwán", "Túnez", "Turquía", "Ucrania",
    "Uzbekistán", "Yemen", "Zimbabue",
    # French
    "Afrique du Sud", "Albanie", "Algérie", "Allemagne", "Angleterre", "Arabie saoudite",
    "Argentine", "Arménie", "Australie", "Autriche", "Azerbaïdjan", "Belgique", "Bénin",
    "Biélorussie", "Bolivie", "Bosnie-Herzégovine", "Bosnie", "Brésil", "Bulgarie", "Cambodge",
    "Cameroun", "Chili", "Chine", "Chypre", "Colombie", "Corée du Sud", "Côte d'Ivoire", "Croatie",
    "Danemark", "Écosse", "Égypte", "Émirats arabes unis", "Équateur", "Espagne", "Estonie",
    "États-Unis", "États-Unis d'Amérique", "Éthiopie", "Finlande", "Géorgie", "Grande-Bretagne",
    "Grèce", "Guinée", "Hongrie", "Inde", "Indonésie", "Irlande", "Islande", "Israël", "Italie",
    "Japon", "Jordanie", "Koweït", "Lettonie", "Liban", "Libye", "Lituanie", "Macédoine",
    "Malaisie", "Malte", "Maroc", "Mexique", "Moldavie", "Mongolie", "Norvège", "Nouvelle-Zélande",
    "Ouganda", "Ouzbékistan", "Pays-Bas", "Pérou", "Pologne", "République dominicaine",
    "République tchèque", "Tchéquie", "Roumanie", "Royaume-Uni", "Russie", "Sénégal", "Serbie",
    "Singapour", "Slovaquie", "Slovénie", "Somalie", "Soudan", "Suède", "Suisse", "Syrie",
    "Tanzanie", "Tchad", "Thaïlande", "Tunisie", "Turquie", "Zambie",
)
"""What the larger countries, and those with many phones in such tables, are usually called."""
# fmt: on
_BETWEEN: Final = re.compile(r"\s*[,;:/|()\[\]]\s*|\s+[-\u2013\u2014]\s+")
_FLAG: Final = re.compile("[\U0001f1e6-\U0001f1ff]{2}")
_FIRST_INDICATOR: Final = 0x1F1E6
"""The regional indicator that stands for an A (Unicode, UTS 51 annex B); two make a flag."""
_SUBDIVISION_FLAG: Final = re.compile("\U0001f3f4\U000e0067\U000e0062[\U000e0061-\U000e007f]+")
"""Of England, Scotland and Wales: a black flag, and tags that begin with GB."""


def is_country(cell: str) -> bool:
    """Tell whether a cell is a country, or ends in the name of one: `Paris, France`.

    A code of two letters alone is none here: columns of these are known by more than one cell.
    """
    rest, flags = _without_flags(cell)
    parts = [part for part in _BETWEEN.split(rest) if part.strip()]
    if not parts:
        return flags > 0
    if _is_named(parts[-1]):
        return True
    # Behind a comma the two letters are a state's: `Lebanon, PA`.
    return "," not in rest and _is_named(parts[0]) and all(map(_is_code_or_name, parts))


def _without_flags(cell: str) -> tuple[str, int]:
    """Return a cell without the flags of countries in it, and how many there are."""
    rest, subdivisions = _SUBDIVISION_FLAG.subn("", cell)
    flags = [flag for flag in _FLAG.findall(rest) if is_region(_region_of(flag))]
    for flag in flags:
        rest = rest.replace(flag, "")
    return rest, subdivisions + len(flags)


def _region_of(flag: str) -> str:
    return "".join(chr(ord("A") + ord(one) - _FIRST_INDICATOR) for one in flag)


def _is_code_or_name(part: str) -> bool:
    return _is_named(part) or is_region(part.strip())


def _is_named(part: str) -> bool:
    # A code in capitals, for `can` and `per` are words.
    return part.strip() in ALPHA_3 or _plain(part) in _PLAIN_NAMES


def _plain(name: str) -> str:
    return " ".join(words_of(name))


_PLAIN_NAMES: Final = frozenset(map(_plain, _NAMES))
