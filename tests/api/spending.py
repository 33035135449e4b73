"""A partner and a clock for the tests of what a partner may ask."""

from screening.registry.record import PartnerRecord

DAY_S = 86_400
NOON = 20_000 * DAY_S + DAY_S // 2


class Clock:
    """A wall clock and a steady one, moved by hand."""

    def __init__(self) -> None:
        self.now = float(NOON)

    def __call__(self) -> float:
        return self.now


def partner(*, daily: int = 1_000, per_second: int = 1_000_000) -> PartnerRecord:
    return PartnerRecord(
        format="screening-partner/1",
        partner="acme",
        sequence=1,
        issued_at=0,
        state="active",
        mode="live",
        server_key_id="0123456789abcdef",
        key_ids=[],
        api_keys=[],
        selectors_per_second=per_second,
        daily_selectors=daily,
    )
