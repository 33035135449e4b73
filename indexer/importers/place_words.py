"""Columns of places and firms: `Minor Hill`, `12 rue des Innocents`, `Lucky Girl Massage`.

They are called by words that elsewhere are of victims and of the cleared.
"""

from typing import Final

from indexer.importers.folding import folded, folded_words

# fmt: off
_OF_PLACES: Final = folded_words(
    within=(
        "address", "adresse", "anschrift", "direccion", "dirección", "indirizzo", "endereço",
        "street", "straße", "strasse", "company", "unternehmen", "entreprise", "empresa",
        "société", "business", "employer", "establishment", "arbeitgeber", "wohnort", "restaurant",
        "workplace", "massage", "адрес", "город", "компани", "фирма",
    ),
    begin=(
        "city", "town", "village", "district", "location", "place", "venue", "stadt", "firma",
        "betrieb", "lokal", "hotel", "club", "salon", "brothel", "bordell", "ciudad", "calle",
        "ville", "negocio", "azienda", "città", "cidade", "gemeinde", "organisation",
        "organization", "ortschaft",
    ),
    whole=("bar", "bars", "ort", "shop", "store", "spa", "rue", "plaats", "stad", "miasto", "firm",
           "via", "domicile", "domicilio", "agency", "agentur", "agence", "agencia"),
)
# fmt: on


def is_of_places(heading: str) -> bool:
    """Tell whether places, firms or bars stand under a heading."""
    return _OF_PLACES.search(folded(heading)) is not None
