"""What columns of phones, cards and e-mail addresses are called, in the languages of our users."""

import re
import unicodedata
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from screening.vocabulary.selector import SelectorKind

# fmt: off
_WORDS: Final[dict[SelectorKind, frozenset[str]]] = {
    SelectorKind.PHONE: frozenset((
        "tel", "telno", "telnr", "fon", "cell", "cells", "gsm", "contactnumber", "contactno",
        "mob", "tlf", "ph", "phno", "тел",
    )),
    SelectorKind.EMAIL: frozenset(()),
    SelectorKind.CARD: frozenset(("card", "cards", "cardno", "cc", "ccno", "ccnumber", "pan")),
}
"""Words, and pairs of words, that say what a column holds."""
_STEMS: Final[dict[SelectorKind, tuple[str, ...]]] = {
    SelectorKind.PHONE: (
        "phone", "telef", "telep", "handy", "mobil", "movil", "cellul", "celul", "cellph", "msisdn",
        "whatsapp", "rufn", "телефон", "мобил", "τηλ", "κινητ", "電話", "电话", "手机", "手機",
        "携帯", "puhelin", "thoai", "전화", "휴대", "هاتف", "جوال", "טלפון", "โทร",
    ),
    SelectorKind.EMAIL: (
        "email", "mail", "correo", "courriel", "почт", "メール", "邮箱", "郵箱", "이메일", "بريد",
    ),
    SelectorKind.CARD: (
        "cardnum", "creditcard", "debitcard", "paymentcard", "kreditkart", "kartennum", "tarjeta",
        "карт", "カード", "卡号", "卡號",
    ),
}
# fmt: on
"""What such words begin with; those in which nothing else is hidden may stand anywhere in one."""
_OF_SOMETHING_ELSE: Final = frozenset(
    (
        "id",
        "date",
        "time",
        "hash",
        "token",
        "bin",
        "masked",
        "last",
        "version",
        "type",
        "verified",
        "verification",
        "confirmed",
        "country",
        "code",
        "expiry",
        "expires",
        "exp",
        "status",
        "label",
        "brand",
        "holder",
        "consent",
        "optin",
        "carrier",
        "provider",
        "model",
        "os",
        *("sha", "imei", "imsi"),
        *("added", "created", "updated", "changed"),
    )
)
"""Words that say that a column is about such a thing, and does not hold it."""
_OF_OTHER_CARDS: Final = frozenset(("loyalty", "gift", "member", "points", "sim"))
_VOICED: Final = "\u3099\u309a"
"""Marks that tell kana apart; other marks are accents."""
_ABOUT_A_NUMBER: Final = frozenset(("country", "code"))
_NUMBER: Final = frozenset(("number", "numbers", "no", "nr", "num", "with", "incl", "including"))
_FREE_STEM_CHARACTERS: Final = 5
_WORD: Final = re.compile(r"[^\W_]+")
_CAMEL: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")


def kinds_named(name: str) -> tuple[SelectorKind, ...]:
    """Return the kinds that a column of that name is said to hold."""
    words = words_of(name)
    # "Phone number (with country code)" is a phone.
    vetoes = set(words) & _OF_SOMETHING_ELSE
    if vetoes - _ABOUT_A_NUMBER or (vetoes and _NUMBER.isdisjoint(words)):
        return ()
    said = {*words, *(first + second for first, second in pairwise(words))}
    return tuple(
        kind
        for kind in SelectorKind
        if (kind is not SelectorKind.CARD or _OF_OTHER_CARDS.isdisjoint(words))
        and (said & _WORDS[kind] or any(_begins(word, _STEMS[kind]) for word in said))
    )


def words_of(name: str) -> list[str]:
    """Return the words of a column's name: in lower case, without accents, and digits behind."""
    plain = unicodedata.normalize("NFKD", name)
    plain = "".join(c for c in plain if c in _VOICED or not unicodedata.combining(c))
    plain = unicodedata.normalize("NFC", plain)
    return [word.casefold().rstrip("0123456789") for word in _WORD.findall(_CAMEL.sub(" ", plain))]


def _begins(word: str, stems: Sequence[str]) -> bool:
    return word.startswith(tuple(stems)) or any(
        stem in word for stem in stems if len(stem) >= _FREE_STEM_CHARACTERS or not stem.isascii()
    )
