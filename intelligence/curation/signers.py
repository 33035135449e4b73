"""Who has signed a change set: whether they may still, each with a key of their own.

Whoever writes in the database can have a row name somebody else, and people change their tasks
while what they have signed waits. The indexer knows people by their keys alone.
"""

from typing import Final
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from intelligence.curation.tables import ChangeSet, SignatureRow
from intelligence.errors import FormRefused
from intelligence.staff.accounts import find_as_of_now
from intelligence.staff.privileges import Privileges
from intelligence.staff.roles import RecordType, Verb
from intelligence.staff.signing_keys import SigningKey
from intelligence.staff.tables import Account
from intelligence.store.bound import holds, vault_of
from screening.spools.batch import Batch
from screening.spools.changes import Retract
from screening.spools.exclusion_order import ExclusionOrder
from screening.spools.order import AnyOrder, PartnerOrder

_OF: Final = {
    Batch: RecordType.CHANGE,
    PartnerOrder: RecordType.PARTNER_ORDER,
    ExclusionOrder: RecordType.SAFETY_ORDER,
}
_DISABLED: Final = "somebody who has signed it may sign no more; have it written anew"
_OTHER_ROLE: Final = (
    "somebody who has signed it has lost the role that this takes, and may sign it no more; have "
    "it written anew"
)
_OTHER_KEY: Final = (
    "somebody is said to have signed it with a key that is not, or no more, theirs; have it "
    "written anew"
)
_NOT_ITS_AUTHOR: Final = (
    "whoever is said to have written it has not signed it; have it written anew, and whoever runs "
    "the service find out who has changed the database"
)


def has_signed(session: Session, row: ChangeSet, account_id: UUID) -> bool:
    """Tell whether somebody has signed a change set."""
    is_theirs = (SignatureRow.change_set_id == row.id) & (SignatureRow.account_id == account_id)
    return bool(session.scalar(select(exists().where(is_theirs))))


def is_by_author(session: Session, row: ChangeSet) -> bool:
    """Tell whether a change set has one signature: its author's, with the key they have now."""
    chosen = select(SignatureRow).where(SignatureRow.change_set_id == row.id)
    signatures = session.scalars(chosen).all()
    is_theirs = [one.account_id for one in signatures] == [row.author_id]
    return is_theirs and all(_is_own_key(session, one) for one in signatures)


def require_signers(
    session: Session,
    row: ChangeSet,
    signed: Batch | AnyOrder,
    now: float,
    *,
    is_to_be_approved: bool = False,
) -> None:
    """Raise `FormRefused` where somebody who has signed a change set might do so no more.

    Of what one person has signed alone, neither role nor key is asked for again: it only takes off
    or cuts off, and who is listed wrongly does not wait since a colleague has other tasks now. Of
    what waits for a second one they are.
    """
    chosen = select(SignatureRow).where(SignatureRow.change_set_id == row.id)
    signatures = session.scalars(chosen).all()
    found = [find_as_of_now(session, one.account_id) for one in signatures]
    accounts = [one for one in found if one is not None and one.is_usable(now)]
    if len(accounts) < len(signatures):
        raise FormRefused(_DISABLED)
    if len(signatures) == 1 and not is_to_be_approved:
        return
    if not all(_is_own_key(session, one) for one in signatures):
        raise FormRefused(_OTHER_KEY)
    if row.author_id not in {one.id for one in accounts}:
        raise FormRefused(_NOT_ITS_AUTHOR)
    for one in accounts:
        if not _may_sign(one, signed, as_author=one.id == row.author_id):
            raise FormRefused(_OTHER_ROLE)


def _is_own_key(session: Session, signature: SignatureRow) -> bool:
    """Tell whether a signature is by the key that its holder signs with now.

    One that was changed outside of the console is nobody's.
    """
    key = session.get(SigningKey, signature.account_id)
    is_theirs = key is not None and holds(vault_of(session), key)
    return key is not None and is_theirs and key.key_id == signature.key_id


def _may_sign(account: Account, signed: Batch | AnyOrder, *, as_author: bool) -> bool:
    """Tell whether somebody's roles let them sign, as who wrote it or as who approves it."""
    privileges, record_type = Privileges(account.roles), _OF[type(signed)]
    if not as_author:
        return privileges.may(Verb.CHANGE, record_type, "approval")
    if isinstance(signed, Batch) and all(isinstance(one, Retract) for one in signed.changes):
        return privileges.may(Verb.ADD, RecordType.RETRACTION, "canonical")
    return privileges.may(Verb.CHANGE, record_type, "submission")
