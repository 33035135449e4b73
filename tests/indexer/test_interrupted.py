"""Between a flip in Redis and the list file's learning of it: what status and recovery do."""

import dataclasses
import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from indexer.deployment import Deployment, open_deployment
from indexer.releases import Releases
from indexer.settings import IndexerSettings
from screening.store.settings import StoreSettings
from screening.vocabulary.errors import LedgerUnavailable
from tests.harness.deployment import Deployed
from tests.indexer.silent import Silent

NO_STRETCH = ("--stretch", "none", "--allow-unstretched")
FIRST = ("phone", "+12025550100", "trafficker")
SECOND = ("email", "a@hotel.example", "trafficker")


@contextmanager
def list_sql(deployed: Deployed) -> Iterator[sqlite3.Connection]:
    sql = sqlite3.connect(deployed.indexer_home / "list.sqlite", isolation_level=None)
    yield sql
    sql.close()


@pytest.fixture
def twice(deployed: Deployed) -> Deployed:
    """Two lists published, one after the other, for one partner."""
    deployed.publish([FIRST])
    deployed.add_partner("acme", *NO_STRETCH)
    deployed.publish([FIRST, SECOND])
    return deployed


@pytest.fixture
def landing(twice: Deployed) -> Deployed:
    """The publisher of the second list was killed when Redis had changed, and nothing else."""
    with list_sql(twice) as sql:
        sql.execute("UPDATE releases SET state = 'flipping' WHERE state = 'in_force'")
        sql.execute("UPDATE releases SET state = 'in_force' WHERE release = 2")
    return twice


def test_status_names_the_list_that_redis_has_and_that_it_is_not_noted(landing: Deployed) -> None:
    for _ in range(2):  # it settles nothing itself
        said = landing.indexer("status").stdout
        assert "list      2: 2 selectors" in said
        assert "in force, and not noted yet; the next command settles it" in said
    landing.publish([FIRST, SECOND])
    assert "pending" not in landing.indexer("status").stdout


def test_status_names_the_list_in_force_where_a_flip_never_came(twice: Deployed) -> None:
    with list_sql(twice) as sql:
        sql.execute(
            "INSERT INTO releases SELECT 9, 3, 0, 0, 'publish', 'x', 'flipping' "
            "FROM releases WHERE release = 3"
        )
    said = twice.indexer("status").stdout
    assert "list      2: 2 selectors" in said
    assert "pending, and not in force; the next command settles it" in said


def test_status_says_where_redis_and_the_list_file_differ(twice: Deployed) -> None:
    assert "differs" not in twice.indexer("status").stdout
    with list_sql(twice) as sql:  # as from a backup of before the second list
        sql.execute("DELETE FROM releases WHERE release = 3")
        sql.execute("UPDATE releases SET state = 'in_force' WHERE release = 2")
    assert (
        "release 3 was in force, and this list file knows of 2 at most"
        in twice.indexer("status").stdout
    )


class Failing:
    """A ledger whose disk is full."""

    def append(self, records: object) -> None:
        del records
        raise LedgerUnavailable("the disk is full")


@contextmanager
def opened(deployed: Deployed) -> Iterator[Deployment]:
    settings = IndexerSettings.model_validate(
        {"INDEXER_HOME": deployed.indexer_home, "SCREENING_SECRETS": deployed.secrets}
    )
    store = StoreSettings.model_validate({"redis_url": deployed.environment["SCREENING_REDIS_URL"]})
    with open_deployment(settings, store, Silent()) as deployment:
        yield deployment


@pytest.mark.parametrize(
    "left",
    [
        "UPDATE releases SET state = 'flipping' WHERE state = 'in_force'",
        "UPDATE meta SET value = 1 WHERE name = 'sequence'",
        "INSERT INTO revisions VALUES (9, 0, 0, 'publish', 9, x'')",
    ],
)
def test_recovery_changes_nothing_that_is_not_on_record_first(twice: Deployed, left: str) -> None:
    with list_sql(twice) as sql:
        sql.execute(left)
        before = list(sql.iterdump())
        with opened(twice) as deployment:
            unrecorded = dataclasses.replace(deployment, ledger=Failing())  # type: ignore[arg-type]  # all it needs
            with pytest.raises(LedgerUnavailable):
                Releases(unrecorded).recover()
            assert list(sql.iterdump()) == before
            Releases(deployment).recover()
            assert list(sql.iterdump()) != before
            settled = list(sql.iterdump())
            Releases(unrecorded).recover()  # nothing is left to do, or to record
            assert list(sql.iterdump()) == settled
    lines = "".join(p.read_text() for p in (twice.indexer_home / "ledger").iterdir())
    assert json.dumps("recover") in lines
