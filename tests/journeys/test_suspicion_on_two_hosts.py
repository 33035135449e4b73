"""What a canary sets off on one host restricts on both, and nothing but `partner lift` ends it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import redis

from screening.store import keys
from tests.harness.deployment import Api, Deployed, Partner
from tests.harness.processes import eventually
from tests.harness.slow import slow_but_first
from tests.harness.valkey import Valkey

LISTED = ("email", "listed@search.example")
UNLISTED = ("email", "traveller@search.example")
"""Asked about often: matches would be a deviation, which restricts by itself."""
CANARIES = [("phone", "+12025550160"), ("phone", "+12025550161")]
ASKED_AGAIN = 8
"""So often somebody asks to see that nothing was lifted."""


@dataclass
class Host:
    """A home of its own, and the API in it."""

    home: Path
    api: Api

    def mark(self) -> Path:
        """Return the file by which it remembers that acme is restricted."""
        (found,) = self.marks()
        return found

    def marks(self) -> list[Path]:
        globs = ("usage/acme.throttled-*", "allowance/acme.held-*")
        return [path for one in globs for path in self.home.glob(one)]


@dataclass
class Hosts:
    """Two hosts, a partner who searches, and one who does not."""

    deployed: Deployed
    store: redis.Redis
    one: Host
    two: Host
    acme: Partner
    zeta: Partner

    @property
    def both(self) -> tuple[Host, Host]:
        return self.one, self.two


@pytest.fixture
def hosts(deployed: Deployed, valkey: Valkey, tmp_path: Path) -> Iterator[Hosts]:
    deployed.publish([(*LISTED, "trafficker")])
    acme, zeta = (
        deployed.add_partner(name, "--stretch", "none", "--allow-unstretched")
        for name in ("acme", "zeta")
    )
    deployed.indexer(
        *("canary", "add", *(f"phone:{value}" for _, value in CANARIES)),
        *("--each", "1", "--we-control-these"),
    )
    one, two = (
        Host(home, deployed.serve(SCREENING_HOME=str(home)))
        for home in (tmp_path / "one", tmp_path / "two")
    )
    for host in (one, two):
        deployed.wait_ready(host.api)
    with valkey.client() as store:
        yield Hosts(deployed, store, one, two, acme, zeta)


def is_throttled(host: Host, partner: Partner) -> bool:
    answer = partner.ask(host.api, UNLISTED)
    assert answer.status_code == 200, answer.text
    return '"second";q=1000;' in answer.headers["ratelimit-policy"]


def is_held(host: Host, partner: Partner) -> bool:
    answer = partner.ask(host.api, UNLISTED)
    assert answer.status_code in (200, 429), answer.text
    return answer.status_code == 429


def forget_in_turn(
    hosts: Hosts,
    is_restricted: Callable[[Host, Partner], bool],
    mark_of: Callable[[str, int], str],
) -> None:
    """Have Redis forget everything, then each host its file; acme is answered by nobody."""

    def require_restricted(until: Callable[[], object], what: str) -> None:
        def is_so() -> bool:
            assert all(is_restricted(host, hosts.acme) for host in hosts.both), what
            return bool(until())

        eventually(is_so, what=what)

    name = mark_of("acme", int(hosts.one.mark().name.rpartition("-")[2]))
    hosts.store.flushall()
    require_restricted(lambda: hosts.store.exists(name), "a mark that hosts bring back")
    hosts.deployed.indexer("compact")
    for host in hosts.both:
        host.mark().unlink()
        require_restricted(host.marks, "a file that Redis brings back")


@slow_but_first(
    1,
    ("by", "told", "is_restricted", "mark_of"),
    [
        ("throttle", "throttled: it is under suspicion", is_throttled, keys.throttle),
        ("hold", "held: it has used up its matches, or is under suspicion", is_held, keys.hold),
    ],
    ids=["throttle", "hold"],
)
def test_a_canary_on_one_host_restricts_on_both_until_a_person_lifts_it(
    hosts: Hosts,
    by: str,
    told: str,
    is_restricted: Callable[[Host, Partner], bool],
    mark_of: Callable[[str, int], str],
) -> None:
    for name in ("acme", "zeta"):
        hosts.deployed.indexer("partner", "limits", name, "--on-suspicion", by)
    assert not any(is_restricted(host, hosts.acme) for host in hosts.both)
    assert search(hosts) == ["match", "no_match"]
    for host in hosts.both:
        eventually(lambda host=host: is_restricted(host, hosts.acme), what=by)  # type: ignore[misc]  # a default binds it
    assert not any(is_restricted(host, hosts.zeta) for host in hosts.both)
    eventually(lambda: all(host.marks() for host in hosts.both), what="a file on both hosts")

    said = hosts.deployed.indexer("status").stdout
    assert f"partner   acme is {told}" in said
    assert "zeta is" not in said

    forget_in_turn(hosts, is_restricted, mark_of)
    for _ in range(ASKED_AGAIN):
        assert all(is_restricted(host, hosts.acme) for host in hosts.both)
        assert not any(is_restricted(host, hosts.zeta) for host in hosts.both)

    lift(hosts, is_restricted)


def lift(hosts: Hosts, is_restricted: Callable[[Host, Partner], bool]) -> None:
    hosts.deployed.indexer("partner", "lift", "acme")
    for host in hosts.both:
        eventually(
            lambda host=host: not any(is_restricted(host, hosts.acme) for _ in range(ASKED_AGAIN)),  # type: ignore[misc]  # a default binds it
            what="an end on both hosts",
        )
    assert "acme is" not in hosts.deployed.indexer("status").stdout


def search(hosts: Hosts) -> list[str]:
    """Have acme ask on the first host about both canaries, of which one is its own."""
    return sorted(hosts.acme.results(hosts.one.api, *CANARIES))


@pytest.mark.slow
def test_a_throttle_outlasts_a_restart_of_a_host_whose_file_was_removed(hosts: Hosts) -> None:
    hosts.deployed.indexer("partner", "limits", "acme", "--on-suspicion", "throttle")
    assert search(hosts) == ["match", "no_match"]
    eventually(lambda: is_throttled(hosts.two, hosts.acme), what="a throttle on the other host")
    eventually(hosts.two.marks, what="its file")
    hosts.two.api.stop()
    hosts.two.mark().unlink()
    hosts.two.api = hosts.deployed.serve(SCREENING_HOME=str(hosts.two.home))
    hosts.deployed.wait_ready(hosts.two.api)
    eventually(lambda: is_throttled(hosts.two, hosts.acme), what="a throttle as before")
