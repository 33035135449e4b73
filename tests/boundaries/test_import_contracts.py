"""Data flows one way: the import contracts hold, and notice a breach."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.harness.slow import slow_but_first

ROOT = Path(__file__).parents[2]
PACKAGES = ("screening", "indexer", "intelligence")
KEPT = [
    "Data flows one way",
    "A selector's way through the indexer",
    "Of the authorised channel, pages ask and rooms answer",
    "The authorised channel reaches no index and no Redis",
    "Pages speak no SQL",
    "Screening holds no intelligence and no SQL",
    "Only the indexer writes generations and partners",
    "No API and no client reads the spools, or a curator's files",
    "The vocabulary is pure",
    "The client ships to partners",
]

BREACHES = {
    "vocabulary knows the store": ("screening/vocabulary/selector.py", "screening.store.keys"),
    "vocabulary knows Redis": ("screening/vocabulary/tokens.py", "redis"),
    "vocabulary reads files": ("screening/vocabulary/kit.py", "pathlib"),
    "store knows generations": ("screening/store/keys.py", "screening.generations.manifest"),
    "generations know the registry": ("screening/generations/reader.py", "screening.registry"),
    "client knows the API": ("screening/client/calls.py", "screening.api.problems"),
    "API knows the client": ("screening/api/check.py", "screening.client.calls"),
    "API knows the indexer": ("screening/api/check.py", "indexer.list.file"),
    "list knows how it is indexed": ("indexer/list/revisions.py", "indexer.index.build"),
    "importers know the list": ("screening/importers/entry.py", "indexer.list.file"),
    "safety lists publish": ("screening/exclusions/rules.py", "indexer.publish"),
    "indexer knows the API": ("indexer/index/build.py", "screening.api.check"),
    "API writes generations": ("screening/api/sync.py", "screening.generations.writer"),
    "API writes partners": ("screening/api/sync.py", "screening.registry.writer"),
    "API reads the spools": ("screening/api/check.py", "screening.spools.batch"),
    "API reads a curator's files": ("screening/api/check.py", "screening.importers.detect"),
    "API reads the safety lists": ("screening/api/check.py", "screening.exclusions.rules"),
    "client reads the spools": ("screening/client/calls.py", "screening.spools.export"),
    "list applies exports": ("indexer/list/exports.py", "indexer.spool.applying"),
    "API knows the intelligence": ("screening/api/journal.py", "intelligence.journal"),
    "ledger knows the intelligence": ("screening/ledger/reader.py", "intelligence"),
    "indexer knows the intelligence": ("indexer/publish.py", "intelligence.store.vault"),
    "intelligence knows the indexer": ("intelligence/deployment.py", "indexer.list.file"),
    "intelligence knows the API": ("intelligence/console/app.py", "screening.api.problems"),
    "intelligence reads partners": ("intelligence/journal.py", "screening.registry.record"),
    "intelligence reads Redis": ("intelligence/store/database.py", "redis"),
    "staff knows the console": ("intelligence/staff/sessions.py", "intelligence.console.app"),
    "store knows the staff": ("intelligence/store/vault.py", "intelligence.staff.tables"),
    "curation waits for files": ("intelligence/curation/overview.py", "intelligence.spool.leaving"),
    "pages speak SQL": ("intelligence/console/pages/home.py", "sqlalchemy"),
    "screening speaks SQL": ("screening/ledger/reader.py", "sqlite3"),
    "client speaks to Redis": ("screening/client/session.py", "redis"),
}


def lint(folder: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The packages and their contracts, to break."""
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for package in PACKAGES:
        shutil.copytree(
            ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__")
        )
    return tmp_path


def test_the_import_contracts_are_kept() -> None:
    linted = lint(ROOT)
    assert linted.returncode == 0, linted.stdout
    assert [name for name in KEPT if f"{name} KEPT" not in linted.stdout] == []


@slow_but_first(2, "breach", BREACHES)
def test_a_breach_is_noticed(copy: Path, breach: str) -> None:
    path, module = BREACHES[breach]
    with (copy / path).open("a") as file:
        file.write(f"\nimport {module}\n")
    linted = lint(copy)
    assert linted.returncode == 1
    assert "BROKEN" in linted.stdout
    assert module.split(".")[0] in linted.stdout.partition("Broken contracts")[2]


def test_an_unbroken_copy_passes(copy: Path) -> None:
    assert lint(copy).returncode == 0
