"""What columns are called that tell how somebody is reached, and which words say more of them.

`Booking contact` holds contacts, and so does `Contact on arrival`; `Contact ID`, `Kontaktdatum` and
`Date of contact` hold something else that contacts have.
"""

import re
from collections.abc import Sequence
from itertools import pairwise, takewhile
from typing import Final

from screening.vocabulary.column_names import words_of

# fmt: off
CONTACT_STEMS: Final = (
    "contact", "contato", "contatt", "recapit", "kontakt", "kontak", "kapcsolat", "контакт", "επαφ",
    "επικοινων", "iletişim", "irtibat", "yhteys", "liên hệ", "联系", "聯絡", "聯繫", "連絡", "연락",
    "ติดต่อ", "اتصال", "تماس", "איש קשר", "संपर्क",
)
"""In names of columns where phones and addresses stand, among names of people."""
_CALLERS: Final = frozenset(("caller", "callers", "ani", "cli"))
_REACHED: Final = _CALLERS | {
    # The first is a postcode in Brazil and a mobile in Turkey: what stands there tells which.
    "cep", "emergency", "emergencies", "reachable", "erreichbar", "erreichbarkeit", "kin", "связь",
    "связи", "callme", "textme", "reachme", "ringme", "bereached", "smsto",
}
_REACHED_STEMS: Final = ("notfall", "ruckruf", "ansprechpart")
_OF: Final = frozenset(("of", "de", "di", "da", "do", "du", "del", "des", "to", "van"))
"""Before these stands what is held: `Date of contact`."""
_BEFORE_OF: Final = frozenset(("case", "personne", "personnes"))
"""`In case of emergency`, `Personne de contact`: neither a file nor staff."""
FOR: Final = _OF | {
    "on", "at", "for", "in", "upon", "before", "during", "after", "if", "when", "bei", "fur", "vor",
    "nach", "wahrend", "zur", "zum", "por", "para", "pour", "pendant", "a", "al", "na", "per",
}
"""Behind these stands when, or for what, somebody is reached."""
_INFLECTED: Final = ("owy", "owa", "owe", "owych", "ktu", "ный", "ная", "ное", "ные", "акта")
"""Behind its noun in Slavic languages: `Adres kontaktowy`, `Data kontaktu`."""
_WITHOUT_DOUBT: Final = frozenset((
    "id", "ids", "uid", "uuid", "guid", "ref", "date", "datum", "data", "fecha", "timestamp",
))
"""What is no such thing wherever it stands."""
_LAST: Final = frozenset((
    "last", "latest", "letzter", "letzte", "dernier", "ultimo", "ostatni", "последний", "laatste",
    "senaste", "sista", "son",
))
"""Directly before it, they say that a date follows; not so `Last known contact`."""
_NIGHTS: Final = frozenset(
    ("night", "nacht", "noche", "nuit", "notte", "noite", "evening", "abend")
)
_DAYS: Final = frozenset(("day", "tag", "dia", "jour", "giorno"))
_DETAILS: Final = frozenset(("data",))
"""Behind the word, they are all that is known of a contact."""
_NOUNS: Final = frozenset((
    *_LAST, "note", "notes", "nota", "notas", "hour", "hours", "times", "owner", "type", "typ",
    "log", "дата", "причина", "время",
))
_NOUN_STEMS: Final = (
    "address", "adres", "direcc", "enderec", "indirizz", "адрес", "reason", "grund", "motiv",
    "raison", "reden", "powod", "remark", "comment", "komment", "bemerk", "notiz", "uwag",
    "observa", "zeit", "horari", "horaire", "godzin", "status", "history", "verlauf", "subject",
    "betreff",
)
"""What is said of a contact, in many words and with numbers in them, and is none."""
# fmt: on
_PLAIN_STEMS: Final = tuple("".join(words_of(stem)) for stem in CONTACT_STEMS)
_BRACKETS: Final = re.compile(r"[(\[{]([^)\]}]*)[)\]}]?")


def hints_at_contact(name: str) -> bool:
    """Tell whether a column of that name holds how somebody is reached, by a phone perhaps."""
    return bool(_hints(words_of(name)))


def names_caller(name: str) -> bool:
    """Tell whether it holds who has called: `Caller ID` is a phone."""
    return not _CALLERS.isdisjoint(words_of(name))


def nouns_of_contact(name: str) -> list[str]:
    """Return the words of the name of such a column that say what of a contact it holds.

    Those behind the word, and those before it that are no more about which contact it is.
    """
    inside = [word for part in _BRACKETS.findall(name) for word in words_of(part)]
    words = words_of(_BRACKETS.sub(" ", name))
    hints = _hints(words)
    if not hints:
        return words_of(name)
    before, hint, behind = words[: hints[0]], words[hints[-1]], words[hints[-1] + 1 :]
    nouns = [word for word in (*before, *inside) if word in _WITHOUT_DOUBT]
    nouns += [word for word in before[-1:] if word in _LAST]
    if not _OF.isdisjoint(before) or hint.endswith(_INFLECTED):
        nouns += [word for word in before if word not in _BEFORE_OF]
    if behind == ["at"] and _stem_of(hint):  # "Last contact at"
        nouns.append("at")
    following = list(takewhile(lambda word: word not in FOR, behind))
    nouns += [word for word in (_tail(hint), *following) if word not in _DETAILS]
    is_by_night = not _NIGHTS.isdisjoint((*words, *inside))
    return [word for word in nouns if word and not (is_by_night and word in _DAYS)]


def is_said_of_contact(noun: str) -> bool:
    """Tell whether it is an address, a reason, or notes on a contact: not how one is reached."""
    return noun in _NOUNS or noun.startswith(_NOUN_STEMS)


def _hints(words: Sequence[str]) -> list[int]:
    """Return the places of the words that hint at one, of two words that of the second."""
    pairs = [first + second for first, second in pairwise(("", *words))]
    return [
        place
        for place, (word, pair) in enumerate(zip(words, pairs, strict=True))
        if _stem_of(word)
        or pair in _PLAIN_STEMS
        or not _REACHED.isdisjoint((word, pair))
        or word.startswith(_REACHED_STEMS)
    ]


def _stem_of(word: str) -> str:
    return max((stem for stem in _PLAIN_STEMS if stem in word), key=len, default="")


def _tail(hint: str) -> str:
    """Return what stands behind the stem of a compound: `datum` of `Kontaktdatum`."""
    stem = _stem_of(hint) or next(filter(hint.startswith, _REACHED_STEMS), "")
    return hint.partition(stem)[2] if stem else ""
