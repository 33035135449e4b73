"""Who the partners are: the console is told how each of them stands, whenever that has changed.

That an API key was used is told by the day, so that a partner that asks all day costs one file;
how much it asks is told apart (`usage.py`).
"""

from datetime import UTC, datetime
from typing import Final

from indexer.deployment import Deployment
from indexer.in_force import InRedis, ask_redis
from indexer.list.partners import partner_records
from indexer.spool.states import States
from screening.registry.record import ApiKeyRecord, PartnerRecord
from screening.spools.partners_told import PartnersTold, ToldApiKey, ToldPartner, ToldSuspicion
from screening.spools.up_file import UpHead

_FORMAT: Final = "screening-partners/2"


class Partners:
    """Tells of the partners of a deployment."""

    def __init__(self, deployment: Deployment) -> None:
        """Raises `OperatorError` where `spool init` has not been run."""
        self._d = deployment
        self._states = States(deployment, "partners", _FORMAT)

    def tell(self, *, again: bool = False) -> int | None:
        """Tell how all of them stand; return how many there are, None where it is no news.

        Raises `StoreUnavailable` while Redis does not say what it knows of them.
        """
        partners = self._standing()

        def told(head: UpHead) -> PartnersTold:
            return PartnersTold(_FORMAT, *head, partners)

        facts = {"partners": len(partners)}
        return len(partners) if self._states.tell(partners, told, facts, again=again) else None

    def _standing(self) -> list[ToldPartner]:
        """Return those who were wholly added, by name."""
        list_file = self._d.list_file
        in_redis = ask_redis(self._d.store, list_file, self._d.keyring.signer.verifier())
        return [
            _told(record, in_redis)
            for record in partner_records(list_file)
            if list_file.partner_state(record.partner) == "active"
        ]


def _told(record: PartnerRecord, in_redis: InRedis) -> ToldPartner:
    marks, name = in_redis.restrictions, record.partner
    return ToldPartner(
        partner=name,
        state=record.state,
        mode=record.mode,
        is_held=name in marks.held,
        held_since=_moment(marks.held.get(name)),
        is_throttled=name in marks.throttled,
        throttled_since=_moment(marks.throttled.get(name)),
        suspected=[
            ToldSuspicion(what, _moment(since))
            for what, since in marks.suspected.get(name, {}).items()
        ],
        on_suspicion=record.on_suspicion,
        token_keys=list(record.key_ids),
        api_keys=[_api_key(key, in_redis.uses.get(key.id)) for key in record.api_keys],
        selectors_per_second=record.selectors_per_second,
        daily_selectors=record.daily_selectors,
        matches_per_30_days=record.matches_per_30_days,
        counted_from=datetime.fromtimestamp(record.matches_counted_from, UTC),
    )


def _api_key(key: ApiKeyRecord, last_used: int | None) -> ToldApiKey:
    return ToldApiKey(
        id=key.id,
        scopes=list(key.scopes),
        purpose=key.purpose,
        expires_at=_moment(key.expires_at),
        last_used=None if last_used is None else datetime.fromtimestamp(last_used, UTC).date(),
    )


def _moment(at: int | None) -> datetime | None:
    return None if at is None else datetime.fromtimestamp(at, UTC)
