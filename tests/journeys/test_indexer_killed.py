"""SIGKILL at the steps of every command that changes what is in force: see `harness/sweeps.py`."""

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import pytest

from screening.generations.manifest import open_head
from screening.registry.record import open_record
from screening.store import keys
from screening.store.signed import Verifier
from tests.harness import plain_http
from tests.harness.asking import PATIENT_WITH_REDIS, Asking
from tests.harness.deployment import Deployed, Partner
from tests.harness.killing_proxy import KillingProxy, Moment
from tests.harness.processes import eventually
from tests.harness.steps import NEVER
from tests.harness.sweeps import swept
from tests.harness.template import Ended, Template
from tests.harness.valkey import Valkey

EVER: Final = ("phone", "+12025550100")
EVEN: Final = ("phone", "+12025550102")
ODD: Final = ("email", "odd@listed.example")
RESULTS: Final = {
    EVEN: ["match", "match", "no_match"],
    ODD: ["match", "no_match", "match"],
}
"""What a booking of `EVER`, `EVEN` and `ODD` is told, by which of the two the list holds."""

# Quick to take up what is new, so that hundreds of publications are a matter of a minute.
QUICK: Final = {"SCREENING_POLL_MS": "50", "SCREENING_RELOAD_MS": "20", **PATIENT_WITH_REDIS}
NO_STRETCH: Final = ("--stretch", "none", "--allow-unstretched")
PAUSE_S: Final = 0.05


class World:
    """Two lists that take turns, two partners who ask about both, and the API between."""

    def __init__(self, deployed: Deployed, valkey: Valkey) -> None:
        self.deployed = deployed
        self.http = plain_http.client(timeout=10)
        self._valkey = valkey
        self._verifier = Verifier((deployed.secrets / "verifying.key").read_bytes())
        self._files = {turn: self._write_list(turn) for turn in RESULTS}
        self.turn = EVEN
        assert self.publish(EVEN).code == 0
        self.partners = [
            deployed.add_partner("acme", "--scopes", "check,bulk"),
            deployed.add_partner("zeta", *NO_STRETCH),
        ]
        self.bodies = {p.kit.partner: p.body(EVER, EVEN, ODD) for p in self.partners}
        self.api = deployed.serve(workers=1, **QUICK)
        self.wait_for(EVEN)

    def close(self) -> None:
        self.http.close()
        self.deployed.close()

    @property
    def other(self) -> tuple[str, str]:
        return ODD if self.turn == EVEN else EVEN

    def publish(
        self, turn: tuple[str, str], *, kill_before: int | None = None, **settings: str
    ) -> Ended:
        path = str(self._files[turn])
        return self.deployed.forked("publish", path, kill_before=kill_before, **settings)

    def documents(self) -> tuple[dict[bytes, bytes], dict[bytes, bytes]]:
        with self._valkey.client() as redis:
            return redis.hgetall(keys.HEADS), redis.hgetall(keys.PARTNERS)

    def releases(self) -> set[int]:
        """Return the releases that the stored heads and partner records were signed for."""
        heads, partners = self.documents()
        opened = [open_head(doc, name.decode(), self._verifier) for name, doc in heads.items()]
        records = [
            open_record(doc, name.decode(), self._verifier) for name, doc in partners.items()
        ]
        return {head.release for head in opened} | {record.sequence for record in records}

    def wait_for(self, turn: tuple[str, str]) -> None:
        """Wait until every partner is answered from the list with `turn`."""
        for partner in self.partners:
            eventually(
                lambda partner=partner: self.results(partner) == RESULTS[turn],  # type: ignore[misc]  # a default binds it
                what=f"the list with the {turn[0]}",
            )
        self.turn = turn

    def settle(self, before: object) -> None:
        """Find the old or the new list in force, whole, for every partner."""
        after = self.documents()
        assert len(self.releases()) == 1
        self.wait_for(self.turn if after == before else self.other)

    def results(self, partner: Partner) -> list[str]:
        body = self.bodies[partner.kit.partner]
        answer = self.http.post(f"{self.api.url}/v1/check", json=body, headers=partner.headers)
        return list(answer.json()["results"]) if answer.status_code == 200 else []

    def asking(self) -> Asking:
        return Asking(self.api, self.partners, EVER, EVEN, ODD, pause_s=PAUSE_S)

    def _write_list(self, turn: tuple[str, str]) -> Path:
        path = self.deployed.folder / f"{turn[0]}.csv"
        rows = "".join(f"{kind},{value},trafficker\n" for kind, value in (EVER, turn))
        path.write_text("kind,value,role\n" + rows)
        return path


@pytest.fixture(scope="module")
def own_valkey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Valkey]:
    server = Valkey(tmp_path_factory.mktemp("vk"))
    yield server
    server.kill()


@pytest.fixture(scope="module")
def world(
    own_valkey: Valkey, tmp_path_factory: pytest.TempPathFactory, template: Template
) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("world")
    deployed = Deployed(folder, redis_url=own_valkey.url, template=template)
    deployed.environment["INDEXER_ATTEST_WAIT_S"] = "0"  # the tests wait for the API themselves
    deployed.indexer("init")
    running = World(deployed, own_valkey)
    yield running
    running.close()


@pytest.fixture
def proxy(own_valkey: Valkey) -> Iterator[KillingProxy]:
    running = KillingProxy(own_valkey.folder, own_valkey.socket)
    yield running
    running.close()


def killed_everywhere(run: Callable[[int], Ended]) -> Iterator[Ended]:
    """Have a command get through, and then run it again and again, killed at a later step each.

    Behind its last change it may have a step less, or more, than it had then.
    """
    whole = run(NEVER)
    assert whole.code == 0, whole.output
    count = len(whole.steps)
    assert count > 10, "the steps were not seen"
    yield whole
    for step in swept(count):
        ended = run(step)
        assert ended.was_killed or (ended.code == 0 and step > count - 3), (step, ended.output)
        yield ended


def require_consistent(asking: Asking) -> None:
    """Nobody was refused, and every answer came from one of the two lists as a whole."""
    assert asking.broken == 0
    assert asking.statuses == {200}, asking.unknown
    assert asking.results == {tuple(results) for results in RESULTS.values()}


def test_publish_killed_before_any_step_leaves_one_list_whole_and_the_next_one_works(
    world: World,
) -> None:
    outcomes = set()
    with world.asking() as asking:
        before = world.documents()
        for ended in killed_everywhere(lambda step: world.publish(world.other, kill_before=step)):
            wanted = world.other
            is_new = world.documents() != before
            world.settle(before)
            if is_new and ended.was_killed and True not in outcomes:
                # The first command to come after the flip goes on from there, whatever it is.
                world.partners.append(world.deployed.add_partner("late", *NO_STRETCH))
                world.bodies["late"] = world.partners[-1].body(EVER, EVEN, ODD)
                world.wait_for(wanted)
            if ended.was_killed:
                outcomes.add(is_new)
            assert world.deployed.forked("status").code == 0
            again = world.publish(wanted)
            assert again.code == 0, (ended.steps[-1:], again.output)
            world.wait_for(wanted)
            before = world.documents()
    require_consistent(asking)
    assert outcomes == {True, False}  # there were kills on both sides of the flip


@pytest.mark.slow
def test_publish_killed_within_any_redis_command_leaves_one_list_whole(
    world: World, proxy: KillingProxy
) -> None:
    proxy.arm(None)
    wanted = world.other
    assert world.publish(wanted, SCREENING_REDIS_URL=proxy.url).code == 0
    world.wait_for(wanted)
    flip = proxy.find_flip()
    torn = sorted({*swept(len(proxy.commands)), flip, flip + 1})
    kills: list[tuple[int, Moment]] = [(number, "torn") for number in torn]
    with world.asking() as asking:
        for number, moment in [*kills, (flip, "done")]:
            before, wanted = world.documents(), world.other
            proxy.arm(number, moment)
            ended = world.publish(wanted, SCREENING_REDIS_URL=proxy.url)
            # Behind the flip it asks for the hosts as often as it has to wait for them.
            assert ended.was_killed or (number > flip and ended.code == 0)
            assert (world.documents() == before) == (moment == "torn" and number <= flip)
            world.settle(before)
            assert world.publish(wanted).code == 0
            world.wait_for(wanted)
    require_consistent(asking)


@pytest.mark.slow
def test_rollback_killed_before_any_step_leaves_one_list_whole(world: World) -> None:
    assert world.publish(world.other).code == 0
    world.wait_for(world.other)
    with world.asking() as asking:
        before = world.documents()
        for _ in killed_everywhere(
            lambda step: world.deployed.forked("rollback", kill_before=step)
        ):
            world.settle(before)
            assert world.publish(world.other).code == 0
            world.wait_for(world.other)
            before = world.documents()
    require_consistent(asking)


@pytest.mark.slow
def test_partner_add_killed_before_any_step_is_completed_by_the_same_command(
    world: World,
) -> None:
    def add(number: int, kill_before: int | None = None) -> Ended:
        kit = world.deployed.folder / f"new-{number}.kit.json"
        arguments = ["--kit", str(kit), "--api-url", world.api.url, *NO_STRETCH]
        return world.deployed.forked(
            "partner", "add", f"new-{number}", *arguments, kill_before=kill_before
        )

    kits_left, numbers = 0, itertools.count()
    with world.asking() as asking:
        for number, ended in enumerate(killed_everywhere(lambda step: add(next(numbers), step))):
            path = world.deployed.folder / f"new-{number}.kit.json"
            left = path.read_bytes() if path.exists() else None
            kits_left += left is not None and ended.was_killed
            again = add(number)
            if again.code:  # all was done but to end
                assert "is there already" in again.output
                assert left is not None
            assert left in (None, path.read_bytes()), "a kit was overwritten"
            partner = Partner(path)
            world.bodies[partner.kit.partner] = partner.body(EVER, EVEN, ODD)
            eventually(lambda: world.results(partner) == RESULTS[world.turn], what="a kit")  # noqa: B023 - called at once
            # A release costs some steps for each partner: their number would grow with each turn.
            assert world.deployed.forked("partner", "remove", f"new-{number}").code == 0
    assert asking.statuses == {200}, asking.unknown
    assert kits_left > 1  # there were kills on both sides of the kit
