"""A run that is killed at any step of its files: the next start loses no row and re-asks none."""

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.client.conftest import parsed
from tests.client.file_steps import BEFORE, FOLDER
from tests.client.peer import Peer
from tests.harness.slow import slow_but_first
from tests.harness.template import Ended, Template


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Template]:
    """Commands that are killed where their environment says so."""
    folder = tmp_path_factory.mktemp("commands")
    running = Template(folder, with_module="tests.client.file_steps")
    yield running
    running.close()


class Killed:
    """One `gen-screen bulk` over four rows in a folder of its own, killed before a step."""

    def __init__(
        self, template: Template, kit_path: Path, folder: Path, options: tuple[str, ...] = ()
    ) -> None:
        folder.mkdir()
        self._template = template
        self.folder, self.out = folder, folder / "out.csv"
        source = folder / "in.csv"
        source.write_text("phone\n" + "".join(f"+1202555010{n}\n" for n in range(4)))
        self.arguments = ["bulk", "--kit", str(kit_path), "--batch", "2", str(source)]
        self.arguments += ["-o", str(self.out), *options]

    def run(self, last: int) -> Ended:
        return self._run(**{FOLDER: str(self.folder), BEFORE: str(last)})

    def go_on(self) -> Ended:
        return self._run()

    def _run(self, **settings: str) -> Ended:
        return self._template.run(
            *self.arguments,
            command="gen-screen",
            cwd=self.folder,
            stdin="",
            kill_before=None,
            **settings,
        )

    def names(self) -> set[str]:
        return {path.name for path in self.folder.iterdir()}


DONE = {"in.csv", "out.csv", "out.csv.receipts"}


@slow_but_first(1, "options", [(), ("--overwrite",)], ids=["new", "overwrite"])
def test_a_kill_at_any_step_loses_no_row_and_asks_none_again(
    template: Template, kit_path: Path, tmp_path: Path, peer: Peer, options: tuple[str, ...]
) -> None:
    for last in itertools.count(1):
        peer.asked.clear()
        killed = Killed(template, kit_path, tmp_path / f"step{last}", options)
        ended = killed.run(last)
        if not ended.was_killed:
            assert (ended.code, last > 10) == (0, True), ended.output
            break
        answered = set(peer.asked)
        left = killed.names()
        done = killed.go_on()
        if left == DONE and not options:
            # It was done, but for telling: nothing is overwritten, and nothing asked.
            assert (done.code, "out.csv exists" in done.stderr) == (2, True)
        elif left != DONE:  # what is done is begun anew with --overwrite
            assert done.code == 0, (last, done.stderr)
            assert ("Going on: 4 of 4 rows answered" in done.stderr) == (len(answered) == 4)
            assert set(peer.asked.values()) == {1}, last
        assert killed.names() == DONE, last
        rows = parsed(killed.out.read_bytes())[1:]
        assert [row[:2] for row in rows] == [[f"+1202555010{n}", "no_match"] for n in range(4)]
        assert len({row[3] for row in rows}) == 4


def test_a_file_of_another_that_came_meanwhile_is_not_taken_for_the_runs_own(
    template: Template, kit_path: Path, tmp_path: Path, peer: Peer
) -> None:
    killed = Killed(template, kit_path, tmp_path / "run")
    assert killed.go_on().code == 0
    own = killed.out.read_bytes()
    (killed.folder / "out.csv.receipts").rename(killed.folder / "out.csv.resume")
    killed.out.write_bytes(own + b"+12025550104,no_match,,\n")
    done = killed.go_on()
    assert (done.code, done.stdout) == (2, "")
    assert "out.csv exists by now; move it away, or give --overwrite" in done.stderr
    assert killed.out.read_bytes() != own
    killed.out.unlink()
    assert killed.go_on().code == 0
    assert killed.out.read_bytes() == own
    assert set(peer.asked.values()) == {1}


def test_a_link_to_the_same_content_is_not_taken_for_the_runs_own(
    template: Template, kit_path: Path, tmp_path: Path, peer: Peer
) -> None:
    killed = Killed(template, kit_path, tmp_path / "run")
    assert killed.go_on().code == 0
    (killed.folder / "out.csv.receipts").rename(killed.folder / "out.csv.resume")
    killed.out.symlink_to(killed.out.rename(tmp_path / "of another.csv"))
    done = killed.go_on()
    assert (done.code, done.stdout) == (2, "")
    assert "out.csv exists by now; move it away, or give --overwrite" in done.stderr
    assert set(peer.asked.values()) == {1}
