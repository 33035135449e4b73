"""What columns are called whose numbers are ids, dates or amounts, and none of a phone.

Only for numbers that may be phones, or something else, as they stand: who calls a column so says
what they are.
"""

from typing import Final

from screening.vocabulary.column_names import words_of

# fmt: off
_WORDS: Final = frozenset((
    # Ids.
    "id", "ids", "uid", "uuid", "guid", "key", "sku", "ean", "upc", "isbn", "serial", "hash", "sha",
    "token", "bin", "imei", "imsi", "iccid", "ip", "pin", "otp", "ref", "nif", "nie", "dni", "cif",
    "cuit", "rut", "cpf", "cnpj", "rg", "nipc", "nss", "siret", "siren", "ssn", "vat", "ust", "tva",
    "iva", "iban", "bic", "pnr", "case", "claim", "quote", "po", "kd", "kdnr", "kundnr", "code",
    "codes", "kode", "build", "release", "kennung", "kennzeichen", "akte", "aktenzeichen", "index",
    "aadhaar", "aadhar", "pesel", "kimlik", "tckn", "паспорт", "паспорта", "снилс", "инн",
    "会員番号", "護照", "护照", "身份证", "身份證",
    "folio", "boleto", "billet", "matricule", "dossier", "dossiers", "recibo", "recu", "processo",
    # Dates and times.
    "at", "date", "day", "month", "year", "time", "timestamp", "ts", "epoch", "unix", "since",
    "until", "expiry", "expires", "exp", "dob", "tag", "jahr", "zeit", "uhrzeit", "dia", "data",
    "ano", "hora", "mes", "jour", "annee", "heure", "checkin", "checkout",
    # Amounts, measures and places.
    "sum", "cost", "costs", "fee", "tax", "qty", "quantity", "count", "size", "bytes", "score",
    "points", "rate", "lat", "lon", "lng", "latitude", "longitude", "zip", "zipcode", "postcode",
    "plz", "postleitzahl", "cp", "usd", "eur", "gbp", "betrag", "preis", "summe", "saldo", "umsatz",
    "menge", "anzahl", "kosten", "precio", "monto", "coste", "costo", "cantidad", "prix",
    "quantite", "preco", "custo", "valor", "conta", "pago", "pagos", "cobro", "solde",
))
_STEMS: Final = (
    "account", "konto", "cuenta", "compte", "passport", "reisepass", "pasaporte", "passeport",
    "passaporte",
    "personal", "personn", "steuer", "fiscal", "contribu", "order", "bestell", "auftrag", "pedido",
    "commande", "encomend", "invoice", "rechnung", "factur", "fatura", "booking", "buchung",
    "reserv", "ticket", "vorgang", "beleg", "vertrag", "contract", "contrat",
    "expedient", "referen", "localiz", "transac", "transak", "payment", "zahlung", "pagament",
    "paiement", "codigo", "matricul", "voucher", "gutschein", "article", "artikel", "articul",
    "product", "produkt", "produit", "producto", "produto", "item", "versi", "datum", "datev",
    "fecha", "geburt", "gebore", "birth", "naissance", "nacimi", "nascim", "created", "updated",
    "changed", "erstellt", "geaendert", "geandert", "creado", "criado", "cree", "modifi", "arriv",
    "depart", "anreise", "abreise", "zeitraum", "zeitstempel", "llegada", "salida", "chegada",
    "saida", "amount", "price", "total", "balance", "revenue", "gesamt", "import", "montant",
    "quantid", "breitengrad", "langengrad", "latitud", "longitud", "postal", "postn",
)
_PARTY_STEMS: Final = (
    "customer", "kunde", "client", "member", "mitglied", "membre", "miembro", "socio",
)
"""Whose numbers are ids, unless it is how they are reached."""
CONTACT_STEMS: Final = (
    "contact", "contato", "contatt", "recapit", "kontakt", "kapcsolat", "контакт", "επαφ",
    "iletişim", "yhteys", "联系", "聯絡", "聯繫", "連絡", "연락", "اتصال", "संपर्क",
)
"""In names of columns where phones and addresses stand, among names of people."""
_CALLERS: Final = frozenset(("caller", "callers", "ani", "cli"))
_REACHED: Final = _CALLERS | {"cep"}
"""A postcode in Brazil and a mobile in Turkey: what stands there tells which."""
# fmt: on


_PLAIN_CONTACT_STEMS: Final = tuple(word for stem in CONTACT_STEMS for word in words_of(stem))


def names_other(name: str) -> bool:
    """Tell whether a column of that name holds ids, dates or amounts, as far as its name tells."""
    words = words_of(name)
    if not _CALLERS.isdisjoint(words):  # "caller ID" is a phone
        return False
    stems = _STEMS if hints_at_contact(name) else (*_STEMS, *_PARTY_STEMS)
    return any(word in _WORDS or word.startswith(stems) for word in words)


def hints_at_contact(name: str) -> bool:
    """Tell whether a column of that name holds how somebody is reached, by a phone perhaps."""
    words = words_of(name)
    return not _REACHED.isdisjoint(words) or any(
        stem in word for word in words for stem in _PLAIN_CONTACT_STEMS
    )


def is_of_contacts(name: str) -> bool:
    """Tell whether it does, and of nothing else: not so `Contact ID`, or `Contact date`."""
    return hints_at_contact(name) and not names_other(name)
