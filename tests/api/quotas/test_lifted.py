"""What a hold leaves on a host goes once the indexer has lifted it, and by nothing else."""

from pathlib import Path

import msgspec
import pytest

from screening.registry.record import PartnerRecord
from screening.store import keys
from tests.api.quotas.spending import Hosts, Worker, partner
from tests.harness.valkey import Valkey

LIFTED_AT = 1_700_000_000
REMOVED = msgspec.structs.replace(partner(since=7), state="suspended")


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / "one" / "allowance").glob("*.held-*"))


@pytest.fixture
def held(hosts: Hosts, tmp_path: Path) -> Worker:
    """A worker that has held acme for what it found since 7, and bolt since 0."""
    worker = hosts.worker("one")
    for one in (partner(since=7), partner(name="bolt")):
        worker.allowance.hold(one)
    assert files(tmp_path) == ["acme.held-7", "bolt.held-0"]
    return worker


@pytest.mark.parametrize("record", [partner(since=LIFTED_AT), REMOVED])
def test_a_lifted_hold_and_that_of_a_removed_partner_leave_nothing_and_are_told_no_more(
    held: Worker, hosts: Hosts, tmp_path: Path, valkey: Valkey, record: PartnerRecord
) -> None:
    held.beat({"acme": record})
    assert files(tmp_path) == ["bolt.held-0"]
    with valkey.client() as client:
        client.flushall()
        hosts.steady.now += 2
        held.beat({"acme": record})
        assert client.exists(keys.hold("bolt", 0))
        assert not client.exists(keys.hold("acme", 7))


@pytest.mark.parametrize(
    "record",
    [
        partner(since=7),
        partner(since=6),
        msgspec.structs.replace(REMOVED, key_ids=["acme-2026a"]),  # who is suspended
        msgspec.structs.replace(REMOVED, state="active"),
        None,
    ],
)
def test_nothing_else_ends_a_hold(
    held: Worker, tmp_path: Path, record: PartnerRecord | None
) -> None:
    held.beat({} if record is None else {"acme": record})
    assert files(tmp_path) == ["acme.held-7", "bolt.held-0"]
