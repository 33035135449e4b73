"""How much partners ask: what API hosts have counted is told to the console where it is new."""

from datetime import UTC, datetime
from typing import Final

from indexer.deployment import Deployment
from indexer.in_force import signed_records
from indexer.list.partners import partner_records
from indexer.spool.states import States
from indexer.usage import DayUsage, usage_of
from screening.spools.up_file import UpHead
from screening.spools.usage_told import ToldDay, ToldUsage, UsageTold
from screening.vocabulary.unix_time import DAY_S

_FORMAT: Final = "screening-usage/1"


class Usage:
    """Tells of the usage of the partners of a deployment."""

    def __init__(self, deployment: Deployment) -> None:
        """Raises `OperatorError` where `spool init` has not been run."""
        self._d = deployment
        self._states = States(deployment, "usage", _FORMAT)

    def tell(self, *, again: bool = False) -> int | None:
        """Tell what is counted; return of how many partners, None where it is no news.

        Raises `StoreUnavailable` while Redis does not say it.
        """
        usage = self._counted()

        def told(head: UpHead) -> UsageTold:
            return UsageTold(_FORMAT, *head, usage)

        facts = {"partners": len(usage)}
        is_any = bool(usage) or again  # else a console that lacks it would wait for the next count
        return len(usage) if is_any and self._states.tell(usage, told, facts, again=again) else None

    def _counted(self) -> list[ToldUsage]:
        """Return what is counted under the records in force, of those who were wholly added."""
        list_file = self._d.list_file
        added = {
            record.partner
            for record in partner_records(list_file)
            if list_file.partner_state(record.partner) == "active"
        }
        in_force = signed_records(self._d.store, self._d.keyring.signer.verifier())
        records = sorted(
            (one for one in in_force if one.partner in added), key=lambda one: one.partner
        )
        counted = usage_of(self._d.store, records, self._d.now() // DAY_S)
        return [ToldUsage(name, [_told(day) for day in days]) for name, days in counted.items()]


def _told(usage: DayUsage) -> ToldDay:
    return ToldDay(datetime.fromtimestamp(usage.day * DAY_S, UTC).date(), *usage[1:])
