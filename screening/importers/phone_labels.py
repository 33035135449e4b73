"""Words that mark digits as a phone number, and words that mark them as something else.

Data: extend the tables when curators bring texts in further languages. A word that is missing costs
a line in the report; a word too many can put a passport number on the list. Telegram, for one, is
no phone word: its accounts have numbers of their own.
"""

import re
import unicodedata
from typing import Final

from screening.vocabulary.column_names import kinds_named
from screening.vocabulary.other_columns import names_id
from screening.vocabulary.selector import SelectorKind

_CONTEXT_CHARACTERS: Final = 60
_WORD: Final = re.compile(r"[^\W_]+|#")
_IN_BRACKETS: Final = re.compile(r"\s{0,2}[(\[]\s?([^\W\d_]+)")


def _plain(text: str) -> str:
    """Return lower case without accents, so that a table needs one spelling a word."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text).casefold()
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def _words(*lines: str) -> frozenset[str]:
    return frozenset(_plain(" ".join(lines)).split())


PHONE_WORDS: Final = _words(
    "phone phones telephone telephones tel tels telefax fax faxes facsimile mobile mobiles mob",
    "cell cellphone cellular handphone landline ph gsm call calls text texts txt sms whatsapp",
    "viber signal contact contacts dial hotline",
    "teléfono teléfonos móvil móviles celular celulares llamar llama llame telefone telefones",
    "telemóvel ligue téléphone tél portable appelez telefon telefonnummer rufnummer handy",
    "mobil mobilnummer anrufen telefono cellulare telefoon mobiel telp telepon",
    "cep telefonu faks komórka тел телефон телефоны факс моб мобильный звоните звонить вайбер",
    "هاتف تليفون تلفون جوال موبايل فاكس واتساب اتصل تلفن همراه موبایل فکس",
)
"""One of these right before a number, apart from filler words, makes it a phone number."""

# The same in scripts that put no space between words.
_UNSPACED_PHONE_WORDS: Final = tuple(
    _words(
        "电话 电话号码 電話 電話號碼 電話番号 手机 手机号 手机号码 手機 手機號碼 传真 傳真",
        "携帯 携帯番号 โทร 전화 전화번호 휴대폰",
    )
)
_FILLERS: Final = _words(
    "no nos nr num number numbers nº # is are at me us on or and alt alternate office home work",
    "direct main new my our your the his her número numéro nummer номер рабочий",
)
_CONNECTORS: Final = _words("or and also alt y e o et ou und oder и или ve veya و أو")
_OTHER_MARKS: Final = _words(
    "no nos nr num number numbers nº # id ids code passport passports imo mmsi ssn account acct",
    "iban swift bic registration reg ref reference case vat tax license licence vessel serial",
    "invoice order card isbn nit rfc cédula dni permit certificate flight version",
)

_NUMBERS: Final = ("nummer", "numero", "номер", "nr")
"""`Kundennummer`, but not `Handynummer`."""


def is_labelled(text: str, start: int, end: int) -> bool:
    """Tell whether the words around `text[start:end]` say that it is a phone number."""
    words = _words_before(text, start)
    while words and words[-1] in _FILLERS:
        words.pop()
    if words and (words[-1] in PHONE_WORDS or words[-1].endswith(_UNSPACED_PHONE_WORDS)):
        return True
    after = _IN_BRACKETS.match(text, end)
    return after is not None and _plain(after[1]) in PHONE_WORDS


def is_marked_otherwise(text: str, start: int) -> bool:
    """Tell whether the word before `start` says that digits there are some other identifier."""
    words = _words_before(text, start)
    if not words:
        return False
    is_number = words[-1].endswith(_NUMBERS) and SelectorKind.PHONE not in kinds_named(words[-1])
    return is_number or words[-1] in _OTHER_MARKS or names_id(words[-1])


def is_connector(gap: str) -> bool:
    """Tell whether `gap` does no more than join two members of one list of numbers."""
    return (
        len(gap) <= 20
        and "\n" not in gap
        and all(word in _CONNECTORS for word in _WORD.findall(_plain(gap)))
    )


def _words_before(text: str, start: int) -> list[str]:
    return _WORD.findall(_plain(text[max(0, start - _CONTEXT_CHARACTERS) : start]))
