"""`docs/operations.md`: what its reader is told to run on a journal says what the page says."""

import json
import re
import shutil
from pathlib import Path
from typing import Any, Final

import pytest

from screening.ledger.ledger import Ledger
from tests.docs.session import ROOT, Block, blocks_of, printed_by_each

RECEIPT: Final = "a2b3c4d5e6f7a2b3c4d5e6f7gh"
KEYS: Final = {
    "type": "check",
    "api_key": "k1",
    "key_id": "acme-2026a",
    "outcomes": {},
    "matches": {},
}
SAID: Final = {
    "type": "feedback",
    "at": "2026-11-26T11:00:00Z",
    "of": f"{RECEIPT}.1",
    "outcome": "false",
    "partner": "acme",
    "api_key": "k1",
    "mode": "live",
}
RECORDS: Final[list[dict[str, Any]]] = [
    {"at": "2026-11-26T09:00:00Z", "receipt": RECEIPT, "partner": "acme", "asked": 2} | KEYS,
    {"at": "2026-11-26T23:59:59Z", "receipt": "b" * 26, "partner": "acme", "asked": 40} | KEYS,
    {"at": "2026-11-26T10:00:00Z", "receipt": "c" * 26, "partner": "beta", "asked": 700} | KEYS,
    {"at": "2026-11-27T00:00:00Z", "receipt": "d" * 26, "partner": "acme", "asked": 9000} | KEYS,
]
_OURS: Final = ("indexer", "intelligence", "screening", "deploy/make-secrets")
_OF_POSIX: Final = ("cat", "cp", "cut", "echo", "export", "find", "mkdir", "printf", "umask")
_COMMAND: Final = re.compile(
    r"(?:^|&&|\|\|?|;|\(|\{|\bxargs)[ \t]*(?:[A-Z_]+=\S*[ \t]+)*([a-z][\w./-]*)", re.MULTILINE
)


def blocks_under(heading: str, folder: Path) -> list[Block]:
    page = (ROOT / "docs/operations.md").read_text()
    section = folder / "section.txt"
    section.write_text(page.partition(f"\n## {heading}\n")[2].partition("\n## ")[0])
    return blocks_of(section)


@pytest.mark.skipif(shutil.which("jq") is None, reason="the page has its reader use jq")
def test_a_receipt_and_what_a_partner_asked_are_found_in_a_copy_of_the_journal(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "folder"
    home = folder / ".screening/screening"  # where it is unless set
    home.mkdir(parents=True)
    lines = [json.dumps(one, separators=(",", ":")).encode() for one in [*RECORDS, SAID]]
    with Ledger(home / "journal", host="one") as sealed:
        sealed.append(lines[:2])
    with Ledger(home / "journal", host="one") as being_written:
        being_written.append(lines[2:])
        (written,) = (home / "journal").glob("*.open")
        with written.open("ab") as file:
            file.write(b"0123456789abcdef")  # a copy may catch half a line
        blocks = blocks_under("The journal", tmp_path)[:3]
        found, asked, _ = printed_by_each(blocks, folder)
    assert json.loads(found) == RECORDS[0]
    assert asked == "42\n"
    told = (folder / "who.csv").read_text().splitlines()[1:]
    receipts = [str(one["receipt"]) for one in RECORDS[:3]]
    assert [line.split(",")[4] for line in told] == [*receipts, SAID["of"]]


@pytest.mark.skipif(shutil.which("jq") is None, reason="the page has its reader use jq")
def test_who_ran_which_command_is_found_in_the_ledger_sealed_or_open(tmp_path: Path) -> None:
    ran = [
        {"at": f"2026-11-27T09:00:0{second}.5Z", "actor": "ann", "command": command}
        for second, command in enumerate(("init", "publish", "retract"))
    ]
    lines = [json.dumps(one | {"selectors": 1}).encode() for one in ran]
    ledger = tmp_path / ".screening/indexer/ledger"
    ledger.parent.mkdir(parents=True)
    block = blocks_under("The journal", tmp_path)[3:]
    with Ledger(ledger, host="one") as sealed:
        sealed.append(lines[:2])
    assert _objects(*printed_by_each(block, tmp_path)) == ran[:2]
    with Ledger(ledger, host="one") as being_written:
        being_written.append(lines[2:])
        assert _objects(*printed_by_each(block, tmp_path)) == ran


def _objects(printed: str) -> list[object]:
    return [json.loads(line) for line in printed.splitlines()]


def test_programs_that_the_page_has_its_reader_run_are_named_as_what_a_host_needs() -> None:
    page = (ROOT / "docs/operations.md").read_text()
    pasted = "".join(re.findall(r"^```(?:sh|console)\n(.*?)^```$", page, re.MULTILINE | re.DOTALL))
    said = re.sub(r"'[^']*'| #.*|\\\n", " ", pasted)
    run = set(_COMMAND.findall(said)) - {"xargs", *_OURS, *_OF_POSIX}
    assert run >= {"jq", "openssl", "rsync"}
    hosts = page.partition("\n## Hosts\n")[2].partition("\n## ")[0]
    named = re.findall(r"`(\w+)`", "".join(re.findall(r"^\| (`.*?) \|", hosts, re.MULTILINE)))
    assert run <= set(named), run - set(named)
