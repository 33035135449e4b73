"""What columns are called that have a phone, a card or mail in their name, and hold none."""

from collections.abc import Set as AbstractSet
from typing import Final

from screening.vocabulary.selector import SelectorKind

# fmt: off
_OF_ANY: Final = frozenset((
    "opened", "opens", "clicked", "clicks", "bounced", "unsubscribed", "optout", "count", "rate",
    "cost", "costs", "charge", "charges", "fee", "fees", "kosten", "ending", "mobilhome",
    "mobilehome", "mobilheim",
))
"""Of what is done or paid by phone, card or mail; the last are houses."""
_WHOSE: Final = frozenset(("to", "from", "by"))
_ENDS_OF_ANY: Final = ("kosten", "gebuhr", "gebuhren")
_POSTAL: Final = frozenset((
    "mailing", "street", "zip", "zipcode", "postcode", "индекс", "індекс", "الرمز", "رمز", "صندوق",
    "البريدي", "البريديه", "البريدية", "بريدي",
))
"""Of the mail on paper, unless the name says e-mail."""
_POSTAL_STEMS: Final = ("почтов", "поштов")
_ELECTRONIC: Final = ("email", "электрон", "електрон", "لكترون")
_OTHER_CARDS: Final = frozenset((
    "loyalty", "gift", "member", "points", "sim", "embarque", "fidelidade", "cidadao", "identita",
    "key", "room",
))
_PAYING: Final = frozenset(("credit", "debit", "payment", "guarantee", "bank"))
"""`Member credit card` is how a member pays; a gift card pays, too."""
_NEVER_PAYING: Final = frozenset(("gift", "sim"))
_OTHER_CARD_STEMS: Final = (
    "kurkart", "gastekart", "schlusselkart", "zimmerkart", "geschenkkart", "bonuskart", "fahrkart",
    "kundenkart", "eintrittskart",
)
# fmt: on


def is_near(kind: SelectorKind, said: AbstractSet[str]) -> bool:
    """Tell whether a name of such words, and pairs of words, is of something beside that kind."""
    if any(word in _OF_ANY or word.endswith(_ENDS_OF_ANY) for word in said):
        return True
    # "Sent to (e-mail)" is whom it was sent to.
    if ("sent" in said and said.isdisjoint(_WHOSE)) or ("booked" in said and "on" in said):
        return True
    match kind:
        case SelectorKind.PHONE:
            return False
        case SelectorKind.EMAIL:
            is_postal = any(word in _POSTAL or word.startswith(_POSTAL_STEMS) for word in said)
            return is_postal and not any(sign in word for word in said for sign in _ELECTRONIC)
        case SelectorKind.CARD:
            is_other = any(
                word in _OTHER_CARDS or word.startswith(_OTHER_CARD_STEMS) for word in said
            )
            return is_other and (_PAYING.isdisjoint(said) or not _NEVER_PAYING.isdisjoint(said))
