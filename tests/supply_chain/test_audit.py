"""The audit tells a known vulnerability from none, and none from "could not be asked"."""

import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from supply_chain.audit import ROOT, SERVICE_VARIABLE
from tests.harness.slow import slow_but_first
from tests.supply_chain.osv import Osv, serving, vulnerability

HASH = "0" * 64
LOCKED = "".join(
    f"{name}=={version} \\\n    --hash=sha256:{HASH}\n"
    for name, version in (("httpx", "0.28.1"), ("msgspec", "0.21.0"), ("redis", "8.0.0"))
)
NAMES = ("httpx", "msgspec", "redis")


@pytest.fixture
def osv() -> Iterator[Osv]:
    with serving() as service:
        yield service


@pytest.fixture
def locked(tmp_path: Path) -> Path:
    path = tmp_path / "locked.txt"
    path.write_text(LOCKED)
    return path


def audited(
    url: str, *arguments: str | Path, **settings: str
) -> "subprocess.CompletedProcess[str]":
    environment = {name: value for name, value in os.environ.items() if "proxy" not in name.lower()}
    return subprocess.run(
        [sys.executable, "-m", "supply_chain.audit", *map(str, arguments)],
        cwd=ROOT,
        env={**environment, SERVICE_VARIABLE: url, **settings},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


@pytest.mark.slow
def test_packages_of_which_nothing_is_known_pass(osv: Osv, locked: Path) -> None:
    done = audited(osv.url, locked)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "3 locked packages audited, 0 known vulnerabilities.\n"
    assert {name for name, _ in osv.asked} > set(NAMES)


@slow_but_first(1, "options", [(), ("--where-reached",)])
def test_a_known_vulnerability_fails_and_is_named(
    osv: Osv, locked: Path, options: tuple[str, ...]
) -> None:
    osv.known = {
        "redis": [vulnerability("redis", "8.0.1")],
        "httpx": [vulnerability("httpx")],
    }
    done = audited(osv.url, *options, locked)
    assert done.returncode == 1
    assert done.stdout == "3 locked packages audited, 2 known vulnerabilities.\n"
    assert done.stderr.splitlines() == [
        "httpx 0.28.1: PYSEC-0000-1, not mended yet",
        "redis 8.0.0: PYSEC-0000-1, mended in 8.0.1",
    ]


@pytest.mark.slow
def test_a_machine_that_reaches_no_service_says_so_in_one_sentence(locked: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        url = f"http://127.0.0.1:{closed.getsockname()[1]}/v1/query"
    checked, asked_for = audited(url, "--where-reached", locked), audited(url, locked)
    assert (checked.returncode, asked_for.returncode) == (0, 1)
    assert checked.stdout == asked_for.stdout == ""
    assert checked.stderr == asked_for.stderr
    assert re.fullmatch(r"The locked packages were not audited, since [^.]+\.\n", checked.stderr)


@pytest.mark.slow
def test_a_service_that_says_nothing_is_not_reached(locked: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/v1/query"
        done = audited(url, "--where-reached", locked)
    assert (done.returncode, done.stdout) == (0, "")
    assert "were not audited" in done.stderr


@pytest.mark.slow
def test_a_proxy_that_lets_nobody_through_reaches_no_service(osv: Osv, locked: Path) -> None:
    refusing = osv.url.removesuffix("/v1/query")  # which knows no CONNECT
    url = "https://osv.example/v1/query"
    done = audited(url, "--where-reached", locked, HTTPS_PROXY=refusing)
    assert (done.returncode, done.stdout, osv.asked) == (0, "", set())
    assert "were not audited" in done.stderr


@pytest.mark.slow
def test_a_page_that_is_no_answer_reaches_no_service(osv: Osv, locked: Path) -> None:
    osv.page = b"<html>Log in to this network</html>"
    done = audited(osv.url, "--where-reached", locked)
    assert done.returncode == 0
    assert "were not audited" in done.stderr
    assert "audited, 0" not in done.stdout


@pytest.mark.slow
def test_a_service_that_closes_within_its_answer_is_reached_and_no_clean_audit(
    osv: Osv, locked: Path
) -> None:
    osv.lacks_bytes = 1
    done = audited(osv.url, "--where-reached", locked)
    assert (done.returncode, done.stdout) == (1, "")
    assert "broke off: the service gave no whole answer;" in done.stderr


@pytest.mark.slow
def test_an_audit_that_breaks_off_is_no_clean_one(osv: Osv, locked: Path) -> None:
    osv.breaks_off_at = "redis"
    done = audited(osv.url, "--where-reached", locked)
    assert (done.returncode, done.stdout) == (1, "")
    assert re.fullmatch(r"The audit of the locked packages broke off: [^.]+\.\n", done.stderr)


@pytest.mark.parametrize("status", [301, 403, 404, 429, 500, 503])
@pytest.mark.slow
def test_a_service_that_refuses_or_fails_is_reached_and_no_clean_audit(
    osv: Osv, locked: Path, status: int
) -> None:
    osv.status = status
    done = audited(osv.url, "--where-reached", locked)
    assert (done.returncode, done.stdout) == (1, "")
    advice = "check OSV_URL, or run `make audit` again later"
    assert f"broke off: the service answered {status}; {advice}." in done.stderr


@slow_but_first(
    1,
    "url",
    ["osv.example/v1", "ftp://osv.example", "https://", "http://a:b", "https://osv..example"],
)
def test_what_is_no_address_of_a_service_is_a_mistake_and_no_network_that_is_missing(
    locked: Path, url: str
) -> None:
    done = audited(url, "--where-reached", locked)
    assert (done.returncode, done.stdout) == (1, "")
    assert "broke off: OSV_URL is no address of a service" in done.stderr


@pytest.mark.slow
def test_all_that_is_locked_is_asked_about(osv: Osv) -> None:
    done = audited(osv.url)
    assert (done.returncode, done.stderr) == (0, "")
    names = {name for name, _ in osv.asked}
    assert {"setuptools", "wheel", "litestar", "redis", "httpx", "python-calamine"} <= names
    assert int(done.stdout.split()[0]) == len(names) - 1  # and the one that nobody has


@pytest.mark.slow
def test_make_check_asks_and_make_audit_insists() -> None:
    makefile = (ROOT / "Makefile").read_text()
    recipes = dict(re.findall(r"^(check|audit):.*\n((?:\t.*\n)+)", makefile, re.MULTILINE))
    assert recipes["check"].endswith("\t$(BIN)/python -m supply_chain.audit --where-reached\n")
    assert recipes["audit"] == "\t$(BIN)/python -m supply_chain.audit\n"
