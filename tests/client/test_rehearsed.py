"""Test selectors come back, from a true API, as the errors and exit codes that are documented."""

import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from screening.api.rehearsal import RETRY_AFTER_S
from screening.client import CheckAnswer, ScreeningClient
from screening.client.kit_file import load_kit
from screening.vocabulary.errors import QuotaExceeded, ScreeningError, Unknown
from tests.harness.deployment import Deployed, Partner
from tests.harness.rehearsing import AT_ONCE, REASONS, SELECTORS, Selector

KINDS = range(3)
PATIENT_MS = 20_000
EXIT_CODES = {"match": 10, "no_match": 0, "quota_exceeded": 75} | dict.fromkeys(REASONS, 69)


class Rehearsal:
    """A test partner and a running API."""

    def __init__(self, deployed: Deployed) -> None:
        self._deployed = deployed
        api = deployed.serve()
        options = ("--test", "--stretch", "none", "--scopes", "check,bulk")
        self.partner: Partner = deployed.add_partner("probe", *options, url=api.url)
        deployed.wait_ready(api)

    def check(self, *selectors: Selector, timeout_ms: int = PATIENT_MS) -> CheckAnswer:
        with ScreeningClient(load_kit(self.partner.kit_path), timeout_ms=timeout_ms) as client:
            return client.check(selectors)

    def refusal(self, *selectors: Selector, timeout_ms: int = PATIENT_MS) -> ScreeningError:
        with pytest.raises(ScreeningError) as raised:
            self.check(*selectors, timeout_ms=timeout_ms)
        return raised.value

    def gen_screen(self, *arguments: str, stdin: str = "") -> "subprocess.CompletedProcess[str]":
        command, *rest = arguments
        kit = str(self.partner.kit_path)
        return self._deployed.run(
            "gen-screen", command, "--kit", kit, *rest, stdin=stdin, expect=None
        )


def one_of_each(outcomes: Iterable[str]) -> Iterator[tuple[str, Selector]]:
    """Yield a selector for each outcome, of one kind after the other: a command takes a while."""
    for number, outcome in enumerate(outcomes):
        yield outcome, SELECTORS[outcome][number % len(KINDS)]


@pytest.fixture
def rehearsal(deployed: Deployed) -> Rehearsal:
    return Rehearsal(deployed)


def test_the_sdk_raises_what_is_documented(rehearsal: Rehearsal) -> None:
    for kind in KINDS:
        assert rehearsal.check(SELECTORS["match"][kind]).result == "match"
        assert rehearsal.check(SELECTORS["no_match"][kind]).result == "no_match"
        refused = rehearsal.refusal(SELECTORS["quota_exceeded"][kind])
        assert isinstance(refused, QuotaExceeded)
        assert refused.retry_after_s == RETRY_AFTER_S
        for reason in REASONS:
            unknown = rehearsal.refusal(SELECTORS[reason][kind])
            assert isinstance(unknown, Unknown)
            assert (unknown.reason, unknown.matches) == (reason, ())
    unknown = rehearsal.refusal(SELECTORS["store"][0], SELECTORS["match"][1])
    assert isinstance(unknown, Unknown)
    assert (unknown.reason, unknown.matches) == ("store", (1,))
    assert unknown.receipt
    assert unknown.opening


@pytest.mark.slow
def test_a_slow_answer_is_too_late_for_the_sdk_unless_it_waits(rehearsal: Rehearsal) -> None:
    hurried = rehearsal.refusal(SELECTORS["slow"][0], timeout_ms=500)
    assert isinstance(hurried, Unknown)
    assert hurried.reason == "timeout"
    assert rehearsal.check(SELECTORS["slow"][0]).result == "no_match"


@pytest.mark.slow
def test_gen_screen_check_ends_with_the_code_that_is_documented(rehearsal: Rehearsal) -> None:
    for outcome, (kind, value) in one_of_each(AT_ONCE):
        done = rehearsal.gen_screen(
            "check", "--timeout-ms", str(PATIENT_MS), f"{kind}:-", stdin=f"{value}\n"
        )
        assert done.returncode == EXIT_CODES[outcome], (outcome, kind, done.stderr)
        assert "Traceback" not in done.stderr
        assert value not in done.stderr
    kind, value = SELECTORS["slow"][2]
    hurried = rehearsal.gen_screen("check", f"{kind}:{value}")
    assert hurried.returncode == 69, hurried.stderr
    patient = rehearsal.gen_screen("check", "--timeout-ms", str(PATIENT_MS), f"{kind}:{value}")
    assert patient.returncode == 0, patient.stderr


@pytest.mark.slow
def test_gen_screen_bulk_ends_with_the_code_that_is_documented(
    rehearsal: Rehearsal, tmp_path: Path
) -> None:
    source, out = tmp_path / "in.csv", tmp_path / "out.csv"
    codes = EXIT_CODES | {"match": 0, "slow": 0}
    for outcome, (kind, value) in one_of_each(SELECTORS):
        source.write_text(f"id,{kind}\n1,{value}\n")
        patience = "30" if outcome == "slow" else "0"
        options = ("--patience", patience, "--overwrite", str(source), "-o", str(out))
        done = rehearsal.gen_screen("bulk", *options)
        assert done.returncode == codes[outcome], (outcome, kind, done.stderr)
        assert "Traceback" not in done.stderr
        if done.returncode == 0:
            result = out.read_text().splitlines()[1].split(",")[2]
            assert result == ("match" if outcome == "match" else "no_match")
        else:
            out.with_name("out.csv.resume").unlink(missing_ok=True)


@pytest.mark.slow
def test_gen_screen_bulk_tells_a_match_that_is_certain_though_the_rest_is_not_known(
    rehearsal: Rehearsal, tmp_path: Path
) -> None:
    source = tmp_path / "in.csv"
    rows = (SELECTORS["no_match"], SELECTORS["match"], SELECTORS["stale"])
    source.write_text("phone\n" + "".join(f"{phone}\n" for (_, phone), *_ in rows))
    options = ("--patience", "0", str(source), "-o", str(tmp_path / "out.csv"))
    done = rehearsal.gen_screen("bulk", *options)
    assert done.returncode == 69
    assert "Row 3 is a match" in done.stderr, done.stderr  # its line in the file
