"""A desk with two partner managers, and an indexer of paper that has told of a partner."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from intelligence.partners.standing import ShownOrder
from intelligence.staff.roles import Role
from screening.spools.order import Order, Resume, Suspend
from screening.spools.partners_told import PartnersTold, ToldApiKey, ToldPartner
from screening.spools.usage_told import ToldDay, ToldUsage, UsageTold
from tests.intelligence.curation.desk import Desk, enrol_curators, enrol_signer
from tests.intelligence.staff.services import PASSWORD, Person, Services

SUSPEND = Suspend("acme", "its kit was seen in a public place")
RESUME = Resume("acme", "it has a new kit")


def told(name: str = "acme", **others: object) -> ToldPartner:
    key = ToldApiKey("abcdefghijkl", ["check"], "", None, None)
    said: dict[str, object] = {
        "partner": name,
        "state": "active",
        "mode": "live",
        "is_held": False,
        "held_since": None,
        "is_throttled": False,
        "throttled_since": None,
        "suspected": [],
        "on_suspicion": "alert",
        "token_keys": [f"{name}-2026a"],
        "api_keys": [key],
        "selectors_per_second": 20_000,
        "daily_selectors": 100_000,
        "matches_per_30_days": 1_000,
        "counted_from": datetime(2026, 11, 1, tzinfo=UTC),
    }
    return ToldPartner(**{**said, **others})  # type: ignore[arg-type]  # of a test's words


def enrol_office(services: Services) -> None:
    """Have those enrol who look after partners, and those at the desk."""
    enrol_curators(services)
    for name in ("pam", "per"):
        enrol_signer(services, name, Role.PARTNER_MANAGER)


class PartnerOffice:
    """Those who look after partners."""

    def __init__(self, services: Services, folder: Path) -> None:
        self.desk = Desk(services, folder)
        self.services = services
        self.orders, self.partners = self.desk.orders, self.desk.partners
        self.pam, self.per = services.person("pam"), services.person("per")
        self.tell(told())

    def tell(self, *partners: ToldPartner) -> None:
        """Have the indexer tell how partners stand."""
        self.desk.indexer.write(
            lambda head: PartnersTold("screening-partners/2", *head, list(partners))
        )
        self.desk.exchange.take_turn()

    def tell_usage(self, days: Sequence[ToldDay], name: str = "acme") -> None:
        """Have the indexer tell how much a partner asks."""
        usage = [ToldUsage(name, list(days))]
        self.desk.indexer.write(lambda head: UsageTold("screening-usage/1", *head, usage))
        self.desk.exchange.take_turn()

    def given(self, order: Order, by: Person | None = None) -> UUID:
        return self.orders.give((by or self.pam).who, order, PASSWORD)

    def approved(self, order: Order) -> UUID:
        order_id = self.given(order)
        self.orders.approve(self.per.who, order_id, PASSWORD)
        return order_id

    def shown(self, order_id: UUID) -> ShownOrder:
        return self.partners.order(self.pam.who, order_id)

    def state(self, order_id: UUID) -> object:
        return self.shown(order_id).record["state"]

    def applied(self, sequence: int) -> None:
        """Have the next file written, and applied by the indexer."""
        self.desk.exchange.take_turn()
        self.desk.indexer.apply(sequence)
        self.desk.exchange.take_turn()
