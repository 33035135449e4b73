"""What columns are called whose numbers are ids, dates or amounts, and none of a phone.

Only for numbers that may be phones, or something else, as they stand: who calls a column so says
what they are.
"""

from collections.abc import Sequence
from typing import Final

from screening.vocabulary.column_names import words_of
from screening.vocabulary.contact_columns import (
    FOR,
    hints_at_contact,
    is_said_of_contact,
    names_caller,
    nouns_of_contact,
)

# fmt: off
_ID_WORDS: Final = frozenset((
    "id", "ids", "uid", "uuid", "guid", "key", "sku", "ean", "upc", "isbn", "serial", "hash", "sha",
    "token", "bin", "imei", "imsi", "iccid", "ip", "pin", "otp", "ref", "nif", "nie", "dni", "cif",
    "cuit", "rut", "cpf", "cnpj", "rg", "nipc", "nss", "siret", "siren", "ssn", "vat", "ust", "tva",
    "iva", "iban", "bic", "pnr", "case", "claim", "quote", "po", "kd", "kdnr", "kundnr", "code",
    "codes", "kode", "build", "release", "kennung", "kennzeichen", "akte", "aktenzeichen", "index",
    "aadhaar", "aadhar", "pesel", "kimlik", "tckn", "паспорт", "паспорта", "снилс", "инн",
    "会員番号", "護照", "护照", "身份证", "身份證",
    "nip", "regon", "rib", "url", "urls", "ordine", "ordini",
    "folio", "boleto", "billet", "matricule", "dossier", "dossiers", "recibo", "recu", "processo",
))
_WORDS: Final = _ID_WORDS | frozenset((
    # Dates and times.
    "at", "date", "day", "month", "year", "time", "timestamp", "ts", "epoch", "unix", "since",
    "until", "expiry", "expires", "exp", "dob", "tag", "jahr", "zeit", "uhrzeit", "dia", "data",
    "ano", "hora", "mes", "jour", "annee", "heure", "checkin", "checkout",
    # Amounts, measures and places.
    "sum", "cost", "costs", "fee", "tax", "qty", "quantity", "count", "size", "bytes", "score",
    "points", "rate", "lat", "lon", "lng", "latitude", "longitude", "zip", "zipcode", "postcode",
    "plz", "postleitzahl", "cp", "usd", "eur", "gbp", "betrag", "preis", "summe", "saldo", "umsatz",
    "cena", "ceny", "tutar",
    "menge", "anzahl", "kosten", "precio", "monto", "coste", "costo", "cantidad", "prix",
    "quantite", "preco", "custo", "valor", "conta", "pago", "pagos", "cobro", "solde",
))
_ID_STEMS: Final = (
    "account", "konto", "cuenta", "compte", "passport", "reisepass", "pasaporte", "passeport",
    "passaporte",
    "steuer", "fiscal", "contribu", "order", "bestell", "auftrag", "pedido",
    "commande", "encomend", "invoice", "rechnung", "factur", "fatura", "booking", "buchung",
    "reserv", "ticket", "vorgang", "beleg", "vertrag", "contract", "contrat",
    "expedient", "referen", "localiz", "transac", "transak", "payment", "zahlung", "pagament",
    "paiement", "codigo", "matricul", "voucher", "gutschein", "article", "artikel", "articul",
    "product", "produkt", "produit", "producto", "produto", "item", "versi",
    "rezerw", "zamow", "faktur", "umow", "rezervasyon", "siparis", "vergi", "sozlesme",
    "prenotaz", "fattur", "debitor", "kreditor",
)
_STEMS: Final = (
    *_ID_STEMS, "personal", "personn", "datum", "datev",
    "fecha", "geburt", "gebore", "birth", "naissance", "nacimi", "nascim", "created", "updated",
    "changed", "erstellt", "geaendert", "geandert", "creado", "criado", "cree", "modifi", "arriv",
    "depart", "anreise", "abreise", "zeitraum", "zeitstempel", "llegada", "salida", "chegada",
    "saida", "amount", "price", "total", "balance", "revenue", "gesamt", "import", "montant",
    "kwot", "coordinat", "koordinat", "coordenad",
    "quantid", "breitengrad", "langengrad", "latitud", "longitud", "postal", "postn",
)
_TEXTS: Final = frozenset(("note", "notes", "notas", "notizen", "hinweise", "besked", "uwagi"))
_TEXT_STEMS: Final = (
    "notiz", "remark", "comment", "komment", "coment", "bemerk", "anmerk", "observa", "opmerk",
    "message", "nachricht", "mensaj", "mensag", "instruc", "примеч", "коммент",
)
"""In names of columns where people write what they like, about whatever the name says beside."""
_PARTY_STEMS: Final = (
    "customer", "kunde", "client", "member", "mitglied", "membre", "miembro", "socio", "musteri",
)
"""Whose numbers are ids, unless it is how they are reached."""
# fmt: on
_OF_ROMANCE: Final = ("contacto", "contato", "contatt", "recapit")
"""Behind these stands which contact it is: `Contacto reserva`."""


def names_other(name: str) -> bool:
    """Tell whether a column of that name holds ids, dates or amounts, as far as its name tells."""
    if names_caller(name):
        return False
    words = words_of(name)
    if not hints_at_contact(name):
        is_other = any(_is_other(word, (*_STEMS, *_PARTY_STEMS)) for word in words)
        return is_other and not _names_text(words)
    is_romance = any(word.startswith(_OF_ROMANCE) for word in words)
    stems = ("fecha",) if is_romance else _STEMS
    return any(_is_other(noun, stems) for noun in nouns_of_contact(name))


def names_id(word: str) -> bool:
    """Tell whether a word before a number says that this is an id: `invoice 2026-00123`."""
    return any(_is_id(one) for one in words_of(word))


def is_of_contacts(name: str) -> bool:
    """Tell whether a column holds how somebody is reached, and nothing else.

    Not so `Contact ID` and `Contact date`, nor `Contact reason` and `Contact address`.
    """
    if not hints_at_contact(name) or names_other(name):
        return False
    return not any(map(is_said_of_contact, nouns_of_contact(name)))


def _names_text(words: Sequence[str]) -> bool:
    """Tell whether a column holds texts: `Booking notes`, `Notes on booking`, not `Note total`."""
    noun = next((i for i, word in enumerate(words) if word in FOR), len(words)) - 1
    return noun >= 0 and (words[noun] in _TEXTS or any(stem in words[noun] for stem in _TEXT_STEMS))


def _is_other(word: str, stems: tuple[str, ...]) -> bool:
    return word in _WORDS or word.startswith(stems)


def _is_id(word: str) -> bool:
    return word in _ID_WORDS or word.startswith(_ID_STEMS)
