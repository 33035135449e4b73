"""What a worker answers from, over what may happen to the cache and to the clocks."""

import asyncio
import contextlib
import os
import resource
import shutil
from collections.abc import Coroutine, Iterator
from datetime import datetime
from pathlib import Path

import msgspec
import pytest
import redis.asyncio

from indexer.keyring import Keyring
from screening.api.allowance import Allowance
from screening.api.cache import Cache, Confirmed, Documents, boot_id
from screening.api.check import Screening
from screening.api.lists import Lists
from screening.api.parameters import parameters_of
from screening.api.settings import ApiSecrets, ApiSettings
from screening.generations.manifest import sign_head
from screening.private_files import replace_private
from screening.registry.reader import Caller
from screening.registry.record import sign_record
from screening.store.signed import Signer
from screening.vocabulary.errors import LedgerUnavailable, UnknownKeyId
from screening.vocabulary.question import Question
from screening.vocabulary.selector import Token
from tests.harness.deployment import Deployed

KEY_ID = "acme"


class Moments:
    """A wall clock and a steady one."""

    def __init__(self) -> None:
        self.wall = 1_800_000_000.0
        self.steady = 5_000.0


class Alarms:
    def __init__(self) -> None:
        self.seen: list[str] = []

    def raised(self, what: str, name: str) -> None:
        assert name
        self.seen.append(what)


class Standing:
    """The cache of a host that has loaded one list, and a worker's view of it."""

    def __init__(self, deployed: Deployed, signer: Signer) -> None:
        self.moments = Moments()
        self.alarms = Alarms()
        self.folder = deployed.home
        self.secrets = deployed.secrets
        self.cache = Cache(deployed.home)
        self.signer = signer
        self.start()

    def start(self) -> None:
        """Begin as a new worker."""
        self.lists = Lists(
            cache=self.cache,
            secrets=ApiSecrets(self.secrets),
            settings=ApiSettings(),
            redis=redis.asyncio.Redis(),
            alarms=self.alarms,
            clock=lambda: self.moments.wall,
            monotonic=lambda: self.moments.steady,
        )

    @property
    def key_id(self) -> str:
        (key_id,) = self.cache.read_documents().heads
        return key_id

    def confirm(self, *, boot: str | None = None) -> None:
        """Write what sync writes when it has found the head in Redis just now."""
        sequence = self.lists.loaded.lists[self.key_id].head.sequence
        times = (sequence, self.moments.wall, self.moments.steady)
        self.cache.write_confirmed(Confirmed({self.key_id: times}, boot or boot_id()))


@pytest.fixture(scope="module")
def filled(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Deployed]:
    """A deployment whose API has run once, and ended."""
    deployed = Deployed(tmp_path_factory.mktemp("filled"), redis_url=None)
    deployed.indexer("init")
    deployed.publish([("phone", "+1 202 555 0142", "trafficker")])
    deployed.add_partner(KEY_ID, "--stretch", "light")
    api = deployed.serve()
    deployed.wait_ready(api)
    api.stop()
    yield deployed
    deployed.close()


@pytest.fixture
def standing(filled: Deployed, tmp_path: Path) -> Standing:
    """A copy of its cache, for the test to harm."""
    deployed = Deployed(tmp_path, redis_url=None)
    shutil.copytree(filled.home / "cache", deployed.home / "cache")
    deployed.home.chmod(0o700)
    shutil.copytree(filled.secrets, deployed.secrets)
    return Standing(deployed, Keyring(filled.indexer_home).signer)


async def _loaded(standing: Standing) -> None:
    await standing.lists.refresh()
    standing.confirm()
    await standing.lists.refresh()
    assert standing.key_id in standing.lists.loaded.lists


@pytest.mark.parametrize("step_s", [-3_600.0, 3_600.0])
def test_a_step_of_the_wall_clock_makes_an_unconfirmed_list_no_fresher(
    standing: Standing, step_s: float
) -> None:
    async def scenario() -> None:
        await _loaded(standing)
        one = standing.lists.loaded.lists[standing.key_id]
        standing.moments.steady += 1_000
        standing.moments.wall += 1_000 + step_s
        # Sync writes the file anew each beat, with the time of the last confirmation.
        confirmed = standing.cache.read_confirmed()
        standing.cache.write_confirmed(confirmed)
        await standing.lists.refresh()
        assert standing.lists.sync_age_s(one) == 1_000
        assert standing.lists.is_stale(one)

    _run(scenario())


@pytest.mark.parametrize("ahead_s", [1.0, 299.0])
def test_clocks_that_differ_by_a_little_do_not_make_a_list_stale(
    standing: Standing, ahead_s: float
) -> None:
    async def scenario() -> None:
        await _loaded(standing)
        one = standing.lists.loaded.lists[standing.key_id]
        standing.moments.wall = one.head.issued_at - ahead_s
        await standing.lists.refresh()
        assert not standing.lists.is_stale(one)
        assert standing.alarms.seen == []

    _run(scenario())


def test_a_list_that_was_signed_by_a_clock_ahead_is_stale_and_an_alarm_until_its_time_has_come(
    standing: Standing,
) -> None:
    async def scenario() -> None:
        await _loaded(standing)
        one = standing.lists.loaded.lists[standing.key_id]
        standing.moments.wall = one.head.issued_at - 60 * 86_400.0
        for _ in range(3):  # and no alarm with each look
            await standing.lists.refresh()
        assert standing.lists.is_stale(one)
        assert standing.alarms.seen == []
        standing.moments.steady += 5
        for _ in range(3):
            await standing.lists.refresh()
        assert standing.alarms.seen == ["head_of_the_future"]
        standing.moments.wall = float(one.head.issued_at)
        standing.moments.steady += 5
        await standing.lists.refresh()
        assert not standing.lists.is_stale(one)
        assert standing.alarms.seen == ["head_of_the_future"]

    _run(scenario())


def test_a_confirmation_from_before_a_reboot_counts_by_the_wall_clock(standing: Standing) -> None:
    async def scenario() -> None:
        await _loaded(standing)
        standing.confirm(boot="another boot")
        standing.moments.steady = 10.0
        standing.moments.wall += 40.0
        await standing.lists.refresh()
        one = standing.lists.loaded.lists[standing.key_id]
        assert standing.lists.sync_age_s(one) == 40.0

    _run(scenario())


def test_without_the_name_of_the_boot_a_confirmation_counts_by_the_wall_clock(
    standing: Standing,
) -> None:
    async def scenario() -> None:
        await _loaded(standing)
        standing.confirm()
        standing.moments.steady -= 4_990.0  # another boot, of a system that does not name it
        standing.moments.wall += 86_400.0
        await standing.lists.refresh()
        one = standing.lists.loaded.lists[standing.key_id]
        assert standing.lists.sync_age_s(one) == 86_400.0
        assert standing.lists.is_stale(one)

    _run(scenario())


def test_a_list_that_was_never_confirmed_is_stale_and_says_when_it_was_signed(
    standing: Standing,
) -> None:
    async def scenario() -> None:
        standing.cache.write_confirmed(Confirmed({}, ""))
        await standing.lists.refresh()
        one = standing.lists.loaded.lists[standing.key_id]
        assert standing.lists.is_stale(one)
        as_of = datetime.fromisoformat(one.state.as_of)
        assert as_of.timestamp() == one.head.issued_at
        (partner,) = standing.lists.loaded.partners.values()
        caller = Caller(partner, partner.api_keys[0])
        told = parameters_of(caller, standing.lists, Allowance(standing.folder))
        assert [one.sync_age_s for one in told.token_keys] == [None]

    _run(scenario())


def test_a_confirmation_of_another_head_confirms_nothing(standing: Standing) -> None:
    async def scenario() -> None:
        await _loaded(standing)
        standing.moments.steady += 1_000
        one = standing.lists.loaded.lists[standing.key_id]
        times = (one.head.sequence + 1, standing.moments.wall, standing.moments.steady)
        standing.cache.write_confirmed(Confirmed({standing.key_id: times}, boot_id()))
        await standing.lists.refresh()
        assert standing.lists.sync_age_s(one) == 1_000

    _run(scenario())


@pytest.mark.parametrize(
    ("key", "alarm"), [("pepper.key", "pepper_differs"), ("api-keys.key", "server_key_differs")]
)
def test_with_another_deployments_key_nothing_is_loaded_rather_than_refused_or_not_found(
    standing: Standing, key: str, alarm: str
) -> None:
    replace_private(standing.secrets / key, bytes(32))
    standing.start()

    async def scenario() -> None:
        await standing.lists.refresh()
        loaded = standing.lists.loaded
        assert not (loaded.lists if key == "pepper.key" else loaded.partners)
        assert loaded.answers_from.release == 0
        assert alarm in standing.alarms.seen

    _run(scenario())


@pytest.mark.parametrize("kind", ["head", "partner"])
def test_an_older_document_changes_nothing(standing: Standing, kind: str) -> None:
    async def scenario() -> None:
        await _loaded(standing)
        before = standing.lists.loaded
        documents = standing.cache.read_documents()
        signer = standing.signer
        if kind == "head":
            head = before.lists[standing.key_id].head
            older = msgspec.structs.replace(head, sequence=head.sequence - 1, seq=0)
            documents.heads[standing.key_id] = sign_head(older, signer)
        else:
            record = before.partners[KEY_ID]
            replaced = msgspec.structs.replace(
                record, sequence=record.sequence - 1, daily_selectors=10**9
            )
            documents.partners[KEY_ID] = sign_record(replaced, signer)
        standing.cache.write_documents(documents)
        await standing.lists.refresh()
        after = standing.lists.loaded
        assert after.lists[standing.key_id].head == before.lists[standing.key_id].head
        assert after.partners == before.partners
        assert f"{kind}_rolled_back" in standing.alarms.seen

    _run(scenario())


def test_keys_of_one_mode_never_read_a_list_of_the_other(standing: Standing) -> None:
    async def scenario() -> None:
        await _loaded(standing)
        loaded = standing.lists.loaded
        record = loaded.partners[KEY_ID]
        of_tests = msgspec.structs.replace(record, mode="test")
        loaded.list_for(Caller(record, record.api_keys[0]), standing.key_id)
        with pytest.raises(UnknownKeyId):
            loaded.list_for(Caller(of_tests, record.api_keys[0]), standing.key_id)

    _run(scenario())


def test_a_question_whose_record_fails_costs_nothing(standing: Standing) -> None:
    class Failing:
        async def record(self, *_: object) -> None:
            raise LedgerUnavailable("no space")

        record_certain = record

    async def scenario() -> None:
        await _loaded(standing)
        loaded = standing.lists.loaded
        record = loaded.partners[KEY_ID]
        allowance = Allowance(standing.folder)
        screening = Screening(standing.lists, allowance, Failing())  # type: ignore[arg-type]  # as asked
        key_check = loaded.lists[standing.key_id].generation.manifest.key_check
        question = Question(standing.key_id, key_check, ["phone"], [Token(bytes(32))])
        before = allowance.remaining(record)
        with pytest.raises(LedgerUnavailable):
            await screening.answer(Caller(record, record.api_keys[0]), loaded, question)
        assert allowance.remaining(record) == before

    _run(scenario())


def test_documents_that_name_nobody_drop_nobody(standing: Standing) -> None:
    async def scenario() -> None:
        await _loaded(standing)
        key_id = standing.key_id
        standing.cache.write_documents(Documents({}, {}))
        await standing.lists.refresh()
        assert key_id in standing.lists.loaded.lists
        assert standing.lists.loaded.partners

    _run(scenario())


def test_a_load_that_failed_for_a_passing_reason_is_tried_again(standing: Standing) -> None:
    async def scenario() -> None:
        with _one_descriptor_left(), contextlib.suppress(OSError):
            await standing.lists.refresh()  # the worker's beat catches it, and looks again
        assert not standing.lists.loaded.lists
        standing.moments.steady += 10
        await standing.lists.refresh()
        assert standing.lists.loaded.lists

    _run(scenario())


@contextlib.contextmanager
def _one_descriptor_left() -> Iterator[None]:
    """Use up all file descriptors but one: a file can be read, and none be mapped."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    open_ones = [int(one) for one in os.listdir("/proc/self/fd")]  # noqa: PTH208 - no file of a disk
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(open_ones) + 2, hard))
    held = []
    try:
        # The limit is on numbers: those that are free below it have to be used up.
        with contextlib.suppress(OSError):
            while True:
                held.append(os.dup(0))
        os.close(held.pop())
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        for one in held:
            os.close(one)


def _run(scenario: Coroutine[None, None, None]) -> None:
    asyncio.run(scenario)
