"""What columns of phones, cards and e-mail addresses are called, in the languages of our users."""

import re
import unicodedata
from collections.abc import Sequence
from itertools import chain, pairwise
from typing import Final

from screening.vocabulary.near_columns import is_near
from screening.vocabulary.printable import printable
from screening.vocabulary.selector import SelectorKind

# fmt: off
_WORDS: Final[dict[SelectorKind, frozenset[str]]] = {
    SelectorKind.PHONE: frozenset((
        "tel", "telno", "telnr", "telf", "telp", "tfn", "tfno", "tlf", "tlfno", "fon", "fone",
        "fones", "cell", "cells", "gsm", "contactnumber", "contactno", "mob", "ph", "phno", "тел",
        "моб",
        "tlm", "tlmv", "movel", "portable", "portables", "fixe", "landline", "landlines", "hp",
        "nohp", "nomorhp", "ceptel", "cepno", "cepnumarasi", "sdt", "sđt", "diđong", "simi", "simu",
        "puh", "callback", "viber", "nowa", "nomorwa", "κιν", "טל", "alternateno",
        "alternatenumber", "alternativeno", "alternativenumber", "altno", "altnumber",
        "emergencyno", "emergencynumber", "smsnumber", "smsno", "smsnr", "smsnummer",
    )),
    SelectorKind.EMAIL: frozenset((
        "meil", "elpastas", "epasts", "adresseelectronique", "adresseselectroniques", "mel",
        "direccionelectronica", "enderecoeletronico", "enderecoelectronico", "correioeletronico",
        "correioelectronico", "postaelettronica", "indirizzoelettronico", "pocztaelektroniczna",
        "elektronicznapoczta", "adreselektroniczny", "elektronischeadresse", "elektronischepost",
        "elektronischadres", "elektroniskpost", "elektronickaposta", "elektronickaadresa",
        "elektronskaposta", "elektronskaadresa", "elektronskinaslov", "enaslov", "drotposta",
        "postaelectronica", "adresaelectronica", "elektroninispastas", "elektronikposta", "sposti",
        "tolvupostur", "netfang", "surel", "suratelektronik", "emel", "thuđien", "信箱", "דואל",
    )),
    SelectorKind.CARD: frozenset((
        "card", "cards", "cardno", "cc", "ccno", "ccnumber", "pan", "cb", "cartao", "cartoes",
        "kortnr", "karte", "karta", "karty", "kartno", "kartnumarasi", "sothe", "thetin", "ncarte",
        "nocarte", "kortinnumero", "nokartu", "nomorkartu", "kadkredit",
    )),
}
"""Words, and pairs of words, that say what a column holds."""
_STEMS: Final[dict[SelectorKind, tuple[str, ...]]] = {
    SelectorKind.PHONE: (
        "phone", "telef", "telep", "telpon", "handy", "mobil", "mobiel", "mobiil", "mobitel",
        "movil", "telemov", "cellul", "celul", "cellph", "msisdn", "whatsapp", "rufn", "ruckrufn",
        "festnetz", "talrun", "komork", "puhelin", "kannyk", "thoai", "farsim", "simanumer",
        "телефон", "мобил", "мобіл", "сотов", "τηλ", "κινητ", "電話", "电话", "手机", "手機",
        "携帯", "スマホ", "전화", "휴대", "핸드폰", "연락처", "هاتف", "جوال", "موبايل", "محمول",
        "تلفن", "موبایل", "شمارهتماس", "טלפון", "נייד", "פלאפון", "โทร", "มือถือ", "เบอร์", "मोबाइल",
        "मोबाईल", "फोन", "दूरभाष",
        "fax", "faks", "факс", "φαξ", "传真", "傳真", "ファックス", "ファクス", "팩스", "فاكس",
        "فکس", "פקס", "แฟกซ์", "फैक्स",
    ),
    SelectorKind.EMAIL: (
        "email", "mail", "mejl", "correo", "courriel", "epost", "sahkopost", "почт", "пошт", "мейл",
        "емайл", "электронныйадрес", "эладрес", "електроннаадреса", "ηλεκτρονικοταχυδρομειο",
        "ηλεκτρονικηδιευθυνση", "ηλταχυδρομειο", "メール", "メルアド", "メアド", "邮箱", "郵箱",
        "邮件", "郵件", "电邮", "電郵", "电子信箱", "電子信箱", "이메일", "메일", "전자우편",
        "بريد", "ايميل", "ایمیل", "پستالکترونیک", "رایانامه", "מייל", "דואראלקטרוני", "อีเมล", "ईमेल",
    ),
    SelectorKind.CARD: (
        "cardnum", "creditcard", "debitcard", "paymentcard", "bankcard", "kreditkart", "bankkart",
        "zahlkart", "kartennum", "kartennr", "kortnum", "kreditkort", "betalkort", "betalingskort",
        "bankkort", "kaartnum", "betaalkaart", "bankkaart", "creditkaart", "tarjeta", "cartebanc",
        "cartebleue", "cartecredit", "cartepaiement", "cartedebit", "numerocarte", "numerocarta",
        "cartacredito", "cartadebito", "cartapagamento", "luottokort", "maksukort", "kredikart",
        "bankkarty", "kartyaszam", "kartukredit", "карт", "καρτ", "カード", "카드", "卡号", "卡號",
        "信用卡", "银行卡", "銀行卡", "رقمالبطاقة", "بطاقةائتمان", "بطاقةالائتمان", "کارت",
        "כרטיסאשראי", "מספרכרטיס", "บัตรเครดิต", "कार्ड",
    ),
}
# fmt: on
"""What such words begin with; those in which nothing else is hidden may stand anywhere in one."""
# fmt: off
_OF_SOMETHING_ELSE: Final = frozenset((
    "id", "date", "time", "hash", "token", "bin", "masked", "version", "type", "country", "code",
    "expiry", "expires", "exp", "status", "label", "brand", "model", "os", "sha", "imei", "imsi",
))
"""Words that say that a column is about such a thing, and does not hold it."""
_OF_ITS_STATE: Final = frozenset((
    "last", "verified", "verification", "confirmed", "holder", "consent", "optin", "carrier",
    "provider", "added", "created", "updated", "changed",
))
"""Words that say so too, unless it is the thing that stands behind them: "Last known phone"."""
# fmt: on
_VOICED: Final = "\u3099\u309a"
"""Marks that tell kana apart; other marks are accents."""
_ABOUT_A_NUMBER: Final = frozenset(("country", "code"))
_NUMBER: Final = frozenset(("number", "numbers", "no", "nr", "num", "with", "incl", "including"))
_BETWEEN_NOUNS: Final = frozenset(("de", "da", "do", "du", "di", "del", "of"))
"""`Carte de crédit` is one name, as `Kreditkarte` is."""
_FREE_STEM_CHARACTERS: Final = 5
_BRACKET: Final = re.compile(r"[(\[{].*", re.DOTALL)
"""`Phone (last known)`: a remark on a name."""
_WORD: Final = re.compile(r"[^\W_]+")
_LONGEST_NAME: Final = 80
_CAMEL: Final = re.compile(
    r"(?<=[a-z])(?=[A-Z])(?!(?<=[A-Z][a-z])[A-Z](?:s?(?![A-Za-z])|[A-Z][a-z]))"
    r"|(?<=[A-Z][a-z][A-Z])(?=[A-Z][a-z])"
)
"""Where words meet that no mark parts: `victimPhone`, `VoTPhone`; nowhere within `DoB`, `VoTs`."""
_SHOWN_CHARACTERS: Final = 80
NAMED_SHARE: Final = 0.5
"""A column with a telling name is taken whole when half of its first values fit."""
NAMELESS_SHARE: Final = 0.8
"""One without is taken when nearly all of them do: one card number in ten is a mere number."""


def kinds_named(name: str) -> tuple[SelectorKind, ...]:
    """Return the kinds that a column of that name is said to hold."""
    words = words_of(name)
    if not any(words):  # at once: before the last of several ids in a cell stand ids
        return ()
    # "Phone number (with country code)" is a phone.
    vetoes = set(words) & _OF_SOMETHING_ELSE
    if _names_mail_id(words):
        vetoes.discard("id")
    if vetoes - _ABOUT_A_NUMBER or (vetoes and _NUMBER.isdisjoint(words)):
        return ()
    if _OF_ITS_STATE.isdisjoint(words):
        nouns = [word for word in words if word not in _BETWEEN_NOUNS]
        said = {*words, *_pairs(words), *_pairs(nouns)}
    else:
        said = set(_last_words(words_of(_BRACKET.sub("", name))))
    return tuple(
        kind
        for kind in SelectorKind
        if not is_near(kind, {*words, *_pairs(words)})
        and (said & _WORDS[kind] or any(_begins(word, _PLAIN_STEMS[kind]) for word in said))
    )


def _names_mail_id(words: Sequence[str]) -> bool:
    """Tell whether a name is `Email ID`, as an address is called in India."""
    return any(first in ("mail", "email") and second == "id" for first, second in pairwise(words))


def _pairs(words: Sequence[str]) -> list[str]:
    return [first + second for first, second in pairwise(words)]


def _last_words(words: Sequence[str]) -> list[str]:
    """Return the word that a name ends in, with and without "number" behind it.

    It is what a column holds: with "verified" behind it, it does not.
    """
    last = len(words)
    while last > 1 and words[last - 1] in _NUMBER:
        last -= 1
    return [*words[last - 1 : last], *_pairs(words[last - 1 :])]


def plain_name(name: str) -> str:
    """Return a column's name in lower case, with one space between its words.

    In many scripts of Asia the vowels are marks upon letters, and part no words.
    """
    if len(name) <= _LONGEST_NAME:  # of long runs of marks the form takes quadratic time
        name = unicodedata.normalize("NFC", name)
    plain: list[str] = []
    for c in _CAMEL.sub(" ", name):
        is_of_letter = unicodedata.category(c).startswith("M") and plain and plain[-1] != " "
        plain.append(c if c.isalnum() or is_of_letter else " ")
    return " ".join("".join(plain).lower().split())


def shown_name(name: str, index: int) -> str:
    """Return a name that does nothing to a terminal, and fits a sentence and the cell of a row.

    `index`, from 0, tells the column where it has no name.
    """
    plain = printable(name).strip()
    if not plain:
        return f"column {index + 1}"
    return plain if len(plain) <= _SHOWN_CHARACTERS else f"{plain[: _SHOWN_CHARACTERS - 1]}…"


def words_of(name: str) -> list[str]:
    """Return the words of a column's name: in lower case, without accents, and digits behind."""
    plain = _unmarked(name)
    return [word.casefold().rstrip("0123456789") for word in _WORD.findall(_CAMEL.sub(" ", plain))]


def _unmarked(name: str) -> str:
    """Return a name without accents, and without the vowel signs that would part its words.

    The Turkish i without its dot is one with it.
    """
    if name.isascii():
        return name
    # One by one: of long runs of marks the form of all takes quadratic time.
    plain = chain.from_iterable(unicodedata.normalize("NFKD", c) for c in name)
    kept = (c for c in plain if c in _VOICED or not unicodedata.category(c).startswith("M"))
    return unicodedata.normalize("NFC", "".join(kept)).replace("\u0131", "i")


def _begins(word: str, stems: Sequence[str]) -> bool:
    return word.startswith(tuple(stems)) or any(
        stem in word for stem in stems if len(stem) >= _FREE_STEM_CHARACTERS or not stem.isascii()
    )


_PLAIN_STEMS: Final = {kind: tuple(map(_unmarked, stems)) for kind, stems in _STEMS.items()}
