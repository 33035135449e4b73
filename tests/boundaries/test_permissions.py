"""Private files stay private whatever the umask, and looser ones are refused in one sentence."""

import fcntl
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.harness.deployment import BIN, Deployed
from tests.harness.metrics import metrics_folder_of
from tests.harness.processes import Process, eventually
from tests.harness.valkey import Valkey

LISTED = ("phone", "+12025550142")


@pytest.fixture
def open_umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


@pytest.mark.usefixtures("open_umask")
def test_with_no_umask_at_all_every_file_is_for_its_owner_only(tmp_path: Path) -> None:
    deployed = Deployed(tmp_path, redis_url=None)
    (tmp_path / "bad.csv").write_text(
        "kind,value,role\nphone,+12025550142,trafficker\nphone,x,buyer\n"
    )
    try:
        deployed.indexer("init")
        report = str(tmp_path / "report.csv")
        deployed.indexer("publish", str(tmp_path / "bad.csv"), "--report", report, expect=3)
        extracted = ["-o", str(tmp_path / "out.csv"), "--report", str(tmp_path / "finds.csv")]
        deployed.indexer(
            "extract", str(tmp_path / "bad.csv"), *extracted, "--role", "buyer", expect=None
        )
        partner = deployed.add_partner("acme", "--stretch", "light")
        api = deployed.serve()
        eventually(lambda: partner.ask(api, LISTED).status_code == 200, what="the list")
        while_running = looser_than_private(deployed)
        while_running += [str(path) for path in looser_below(metrics_folder_of(api))]
        api.stop()
    finally:
        deployed.close()
    assert while_running == []
    assert looser_than_private(deployed) == []
    for name in ("acme.kit.json", "report.csv", "out.csv", "finds.csv"):
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600, name


def looser_than_private(deployed: Deployed) -> list[str]:
    homes = (deployed.home, deployed.indexer_home, deployed.secrets)
    halves = [deployed.disclosure, *deployed.disclosure.iterdir()]
    found = [path for home in homes for path in looser_below(home)]
    return [str(path) for path in [*found, *filter(is_looser, halves)]]


def looser_below(folder: Path) -> list[Path]:
    found = [folder, *folder.rglob("*")]
    assert len(found) > 3
    return [path for path in found if not path.is_symlink() and is_looser(path)]


def is_looser(path: Path) -> bool:
    mode = path.stat().st_mode
    # Whoever may connect to a socket needs to write to it, and on some systems to execute it.
    wanted = 0o600 if stat.S_ISREG(mode) else 0o700
    return stat.S_IMODE(mode) & ~wanted != 0


@pytest.mark.parametrize(
    "path",
    [
        "indexer",
        "indexer/keyring",
        "indexer/keyring/token-keys",
        "indexer/keyring/signing.key",
        "indexer/keyring/sealing.key",
        "indexer/keyring/salt",
        "indexer/ledger",
    ],
)
def test_an_indexer_whose_secrets_others_can_read_is_refused(deployed: Deployed, path: str) -> None:
    exposed = deployed.folder / path
    exposed.chmod(exposed.stat().st_mode | 0o040)
    done = deployed.forked("rollback")
    assert (done.code, "Traceback" in done.output) == (2, False)
    assert len(done.output.splitlines()) == 1
    assert f"{exposed} can be read by others; run: chmod" in done.output


@pytest.mark.parametrize(
    "path",
    [
        "secrets/pepper.key",
        "secrets/api-keys.key",
        "secrets/verifying.key",
        "secrets/disclosure.pub",
        "screening",
        "screening/journal",
        "screening/cache",
        "screening/allowance",
    ],
)
def test_an_api_whose_files_others_can_read_is_refused_before_the_port_is_bound(
    deployed: Deployed, path: str
) -> None:
    for folder in ("", "journal", "cache", "allowance"):
        (deployed.home / folder).mkdir(mode=0o700, exist_ok=True)
    exposed = deployed.folder / path
    exposed.chmod(exposed.stat().st_mode | 0o004)
    done = deployed.forked("serve", "--port", "0", "--metrics-port", "0", command="screening")
    assert (done.code, len(done.output.splitlines())) == (2, 1), done.output
    assert f"{exposed} can be read by others; run: chmod" in done.output
    assert "screening on http" not in done.output


def test_a_journal_and_a_kit_that_others_can_read_are_refused(deployed: Deployed) -> None:
    partner = deployed.add_partner("acme", "--test", "--stretch", "none")
    api = deployed.serve()
    eventually(lambda: partner.ask(api, LISTED).status_code == 200, what="the test list")
    api.stop()
    segment = next((deployed.home / "journal").glob("*.sealed"))
    for exposed, command in (
        (segment, ["screening", "audit", "verify"]),
        (partner.kit_path, ["gen-screen", "check", "--kit", str(partner.kit_path), "phone:-"]),
    ):
        exposed.chmod(0o644)
        name, *arguments = command
        done = deployed.forked(*arguments, command=name)
        assert done.code == {"screening": 2, "gen-screen": 78}[name]
        assert len(done.output.splitlines()) == 1
        assert "chmod 600" in done.output


def test_a_second_indexer_command_at_the_same_time_is_refused_and_the_first_goes_on(
    deployed: Deployed, valkey: Valkey
) -> None:
    source = deployed.folder / "list.csv"
    source.write_text("kind,value,role\nphone,+12025550142,trafficker\n")
    valkey.freeze()
    first = Process(
        [str(BIN / "indexer"), "publish", str(source)],
        deployed.folder / "first.log",
        environment=deployed.environment,
        cwd=deployed.folder,
    )
    deployed.keep(first)
    try:
        eventually(lambda: is_locked(deployed.indexer_home / "lock"), what="the first at work")
        for command in (["publish", str(source)], ["rollback"], ["init"]):
            done = deployed.forked(*command)
            assert done.code == 2
            assert done.output == "another indexer command is at work here; wait for its end\n"
        assert first.popen.poll() is None
    finally:
        valkey.thaw()
    assert first.popen.wait(20) == 0


def is_locked(path: Path) -> bool:
    with path.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False
