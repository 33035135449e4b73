"""Kits: each comes sealed to the one who has ordered it, who opens it once, with their password.

The key is derived from their signing key for this order alone: whoever has the database and its
keys cannot open a kit, and nothing more than that key has to be kept.
"""

from contextlib import suppress
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import select
from sqlalchemy.orm import Session

from intelligence.curation.tables import ChangeSet, Concern
from intelligence.errors import FormRefused, NotThere, Undecipherable
from intelligence.journal import INDEXER, Journal
from intelligence.partners.tables import OrderRow
from intelligence.staff.accounts import acting
from intelligence.staff.roles import RecordType, Verb
from intelligence.staff.sessions import SignedIn
from intelligence.staff.signing_keys import SigningKeys
from intelligence.store.sealing import Seals
from screening.spools.issued_kit import IssuedKit, open_kit
from screening.spools.order import Admit, Rotate, parse_signed
from screening.vocabulary.errors import SpoolRefused

_LABEL: Final = b"intelligence/v1/kit-key\0"
_KEY_BYTES: Final = 32
_NEEDED: Final = (Verb.REVEAL, RecordType.PARTNER_ORDER, {"kit"})
_ISSUING: Final = (Admit.__name__, Rotate.__name__)
_NONE: Final = "no kit is here: it has not come yet, or was taken; where it was lost, rotate keys"


def kit_key(signing: Ed25519PrivateKey, order_id: UUID) -> X25519PrivateKey:
    """Return the private half that the kit of an order is opened with (HKDF, RFC 5869)."""
    derived = HKDF(SHA256(), _KEY_BYTES, salt=None, info=_LABEL + order_id.bytes)
    return X25519PrivateKey.from_private_bytes(derived.derive(signing.private_bytes_raw()))


@dataclass(frozen=True, slots=True)
class Kits:
    """Keeps kits until they are taken."""

    seals: Seals
    signing_keys: SigningKeys
    journal: Journal

    def hear(self, session: Session, told: IssuedKit) -> None:
        """Keep a kit that came for its order, however that stands here since.

        One of an order that a restored console does not know opens for nobody, which is on record.
        """
        order = self._find_order(session, told)
        if order is None:
            facts = {"partner": told.partner, "file": told.of}
            self.journal.record(INDEXER, "kit of no order here", **facts)
            return
        order.kit = self.seals.seal(order, "kit", told.sealed)
        order.kit_came_at, order.kit_taken_at = int(self.signing_keys.clock()), None
        facts = {"partner": told.partner, "change": str(order.id)}
        self.journal.record(INDEXER, "kit told", **facts)

    def _find_order(self, session: Session, told: IssuedKit) -> OrderRow | None:
        """Return the order that has the name of a kit's: no number of a file, which may be lost."""
        chosen = (
            select(OrderRow, ChangeSet)
            .join(ChangeSet, ChangeSet.id == OrderRow.id)
            .where(OrderRow.partner == told.partner, OrderRow.operation.in_(_ISSUING))
            .order_by(ChangeSet.created_at.desc())
        )
        for order, row in session.execute(chosen):
            with suppress(Undecipherable, SpoolRefused):
                if parse_signed(self.seals.open(row, "content")).batch == told.batch:
                    return order
        return None

    def take(self, who: SignedIn, order_id: UUID, password: str) -> tuple[str, bytes]:
        """Return the partner's name and the kit, this once; it is on record that it was taken.

        Raises `FormRefused` where it is not there, or is another's, and `NotThere`.
        """
        clock, database = self.signing_keys.clock, self.signing_keys.database
        with database.reading() as session:
            acting(session, who, clock, lock=False).require(*_NEEDED)
        private = self.signing_keys.unlocked(who, password)
        with database.writing() as session:
            acting(session, who, clock).require(*_NEEDED)
            row = session.get(ChangeSet, order_id)
            order = session.get(OrderRow, order_id, with_for_update=True)
            if row is None or order is None or row.concerns != Concern.PARTNERS:
                raise NotThere
            if row.author_id != who.account_id:
                raise FormRefused("a kit is for the one alone who has ordered it")
            if order.kit is None:
                raise FormRefused(_NONE)
            signed = parse_signed(self.seals.open(row, "content"))
            kit = open_kit(
                self.seals.open(order, "kit"),
                kit_key(private, order_id),
                deployment=signed.deployment,
                batch=signed.batch,
            )
            if kit is None:
                raise FormRefused(
                    "this kit is sealed to a key that you had before; have the partner's keys "
                    "rotated"
                )
            order.kit, order.kit_taken_at = None, int(clock())
            facts = {"change": str(order_id), "partner": order.partner}
            self.journal.record(who.actor, "kit taken", **facts)
            return order.partner, kit
