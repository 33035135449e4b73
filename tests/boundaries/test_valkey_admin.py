"""Valkey's administrator: does what `docs/operations.md` has a person do, and nothing else."""

import re
import subprocess
from pathlib import Path

import pytest

from screening.store import keys
from tests.boundaries.shipped_valkey import DEPLOY, REFUSED_TO_BOTH, ShippedValkey, is_refused


def administration(heading: str) -> list[str]:
    """Return what `docs/operations.md` has its reader run as the administrator, block by block."""
    page = (DEPLOY.parent / "docs/operations.md").read_text()
    section = page.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    return [one for one in re.findall(r"```sh\n(.*?)```", section, re.DOTALL) if "admin" in one]


def run_as_the_page_says(block: str, shipped: ShippedValkey) -> list[str]:
    """Run a block but for the container; return what the server answers to what it is told."""
    client = "docker compose exec -T valkey valkey-cli"
    assert client in block
    script = block.replace(client, "cat >&3").replace("deploy/secrets", str(shipped.secrets))
    script = script.replace(
        "deploy/make-secrets --again", f"{DEPLOY}/make-secrets --again {shipped.secrets}"
    )
    told = shipped.folder / "told"
    subprocess.run(["sh", "-euc", f"exec 3>{told}\n{script}"], check=True, capture_output=True)
    shipped.bring_users((shipped.secrets / "users.acl").read_text())
    return shipped.told(told.read_bytes())


def test_the_administrator_has_the_append_only_file_written_anew_as_the_page_says(
    shipped: ShippedValkey,
) -> None:
    rewriting, _ = administration("Redis")
    answers = run_as_the_page_says(rewriting, shipped)
    assert answers == ["+OK", "+Background append only file rewriting started"]


def test_users_are_brought_up_to_date_without_a_restart_as_the_page_says(
    shipped: ShippedValkey,
) -> None:
    users = (shipped.secrets / "users.acl").read_text()
    former = users.replace(" +getrange", "")
    assert former != users
    (shipped.secrets / "users.acl").write_text(former)
    shipped.bring_users(former)
    _, loading = administration("Redis")
    admin = (shipped.secrets / "admin.password").read_text().strip()
    with shipped.client("admin", admin) as client:
        client.acl_load()
    with shipped.client("api") as api:
        assert is_refused(api, ("GETRANGE", keys.manifest("k", "g"), "0", "9"))
    inode = (shipped.secrets / "users.acl").stat().st_ino
    assert run_as_the_page_says(loading, shipped) == ["+OK", "+OK"]
    assert (shipped.secrets / "users.acl").read_text() == users
    assert (shipped.secrets / "users.acl").stat().st_ino == inode
    with shipped.client("api") as api:
        assert api.getrange(keys.manifest("k", "g"), 0, 9) == b""


REFUSED_TO_ADMIN = [
    ("HGETALL", keys.HEADS),
    ("GETRANGE", keys.manifest("k", "g"), "0", "9"),
    *(one for one in REFUSED_TO_BOTH if one[0] not in ("INFO", "BGREWRITEAOF")),
]


@pytest.mark.parametrize("command", REFUSED_TO_ADMIN, ids=" ".join)
def test_the_administrator_reads_no_key_and_changes_nothing_else(
    shipped_once: ShippedValkey, command: tuple[str, ...]
) -> None:
    admin = (shipped_once.secrets / "admin.password").read_text().strip()
    with shipped_once.client("admin", admin) as client:
        assert is_refused(client, command)


@pytest.mark.parametrize("missing", ["api.env", "admin.password"])
def test_users_are_not_brought_up_to_date_without_every_password(
    tmp_path: Path, missing: str
) -> None:
    folder = tmp_path / "secrets"
    subprocess.run([DEPLOY / "make-secrets", folder], check=True, capture_output=True)
    before = (folder / "users.acl").read_bytes()
    (folder / missing).write_text("")
    again = subprocess.run(
        [DEPLOY / "make-secrets", "--again", folder], capture_output=True, text=True, check=False
    )
    assert again.returncode == 1
    assert "lacks a password" in again.stderr
    assert (folder / "users.acl").read_bytes() == before
