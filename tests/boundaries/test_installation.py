"""A host has the packages of its role: its commands run, and others say what they lack."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from screening.installation import packages_of
from tests.docs.session import ROOT
from tests.harness.slow import slow_but_first

BIN: Final = Path(sys.executable).parent
COMMANDS: Final = {
    "gen-screen": "client",
    "screening": "api",
    "indexer": "indexer",
    "intelligence": "intelligence",
}
ALONE: Final = '''
"""Hides each package that is not locked for the role: as if only that were installed."""

import re
import sys
from importlib.metadata import packages_distributions

ALLOWED = {allowed!r}


def plain(name):
    return re.sub(r"[-_.]+", "-", name).lower()


for module, packages in packages_distributions().items():
    if not any(plain(package) in ALLOWED for package in packages):
        sys.modules.setdefault(module, None)  # as if there were none, for who only looks as well
'''


def run(tmp_path: Path, role: str, command: str, *arguments: str) -> tuple[int, str, str]:
    """Run a command where nothing but the requirements of `role` is to be found."""
    locked = (ROOT / f"requirements/{role}.txt").read_text()
    allowed = {"screening", *re.findall(r"^([a-z0-9-]+)==", locked, re.MULTILINE)}
    (tmp_path / "sitecustomize.py").write_text(ALONE.format(allowed=sorted(allowed)))
    done = subprocess.run(
        [BIN / command, *arguments],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize(
    ("role", "command", "arguments"),
    [
        ("client", "screening", ["serve"]),
        ("client", "screening", ["audit", "verify"]),
        ("client", "indexer", ["status"]),
        ("indexer", "screening", ["serve"]),
        ("api", "intelligence", ["init"]),
        ("indexer", "gen-screen", ["--help"]),
    ],
)
@pytest.mark.slow
def test_a_command_of_another_role_names_the_requirements_to_install(
    tmp_path: Path, role: str, command: str, arguments: list[str]
) -> None:
    code, printed, said = run(tmp_path, role, command, *arguments)
    assert (code, printed) == (2, "")
    assert re.fullmatch(rf"{command}: \w+ is not installed, .*\n", said)
    (named,) = re.findall(r"requirements/\w+\.txt", said)
    assert named == f"requirements/{COMMANDS[command]}.txt"
    assert (ROOT / named).exists()


@slow_but_first(1, "command", COMMANDS)
def test_a_command_runs_with_the_requirements_of_its_role(tmp_path: Path, command: str) -> None:
    code, printed, said = run(tmp_path, COMMANDS[command], command, "--version")
    assert (code, said) == (0, "")
    assert printed.startswith(f"{command}, version ")


@pytest.mark.slow
def test_the_indexer_verifies_its_ledger_with_its_own_requirements(tmp_path: Path) -> None:
    assert run(tmp_path, "indexer", "indexer", "init")[0] == 0
    ledger = str(tmp_path / ".screening/indexer/ledger")
    code, printed, said = run(
        tmp_path, "indexer", "screening", "audit", "verify", "--journal", ledger
    )
    assert (code, said) == (0, "")
    assert printed.startswith("whole: ")


@pytest.mark.slow
def test_the_authorised_channel_is_set_up_with_its_own_requirements(tmp_path: Path) -> None:
    code, printed, said = run(tmp_path, "intelligence", "intelligence", "init")
    assert (code, said) == (0, "")
    assert "token for the first administrator" in printed


def test_a_module_of_ours_that_is_missing_is_no_matter_of_requirements() -> None:
    script = (
        "from screening.installation import packages_of\n"
        "with packages_of('api', 'screening'):\n"
        "    import screening.no_such_module\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=False)
    assert b"ModuleNotFoundError" in done.stderr


def test_the_page_installs_each_role_from_files_that_are_there() -> None:
    page = (ROOT / "README.md").read_text().partition("## Installation\n")[2].partition("\n---")[0]
    assert [role for role in COMMANDS.values() if f"`{role}`" not in page] == []
    files = [
        one.replace("$ROLE", role)
        for one in re.findall(r"requirements/\S+", page)
        for role in COMMANDS.values()
    ]
    assert len(files) >= 6
    assert [one for one in files if not (ROOT / one).exists()] == []
    # Hashes are checked of every package; the one without is this project itself.
    installs = re.findall(r"pip install (.*)", page.partition("```")[2].partition("```")[0])
    assert [one for one in installs if "--require-hashes" not in one] == [
        "--no-deps --no-build-isolation ."
    ]


@pytest.mark.slow
def test_ctrl_c_while_a_command_is_imported_leaves_no_traceback() -> None:
    with pytest.raises(SystemExit) as ended, packages_of("client", "gen-screen"):
        raise KeyboardInterrupt
    assert ended.value.code == 130


def test_a_receipt_is_verified_with_what_a_client_installs(tmp_path: Path) -> None:
    vector = json.loads((ROOT / "tests/vectors/receipt.json").read_text())
    file = tmp_path / "kept.json"
    file.write_text(json.dumps(vector["file"]))
    options = ("receipt", "verify", str(file), "--log-key", vector["log_key"])
    code, printed, said = run(tmp_path, "client", "gen-screen", *options)
    assert (code, said) == (0, "")
    assert printed.startswith("Proven")
