"""Of one selector, what one row leaves to a curator is listed by no other row of an import."""

import csv
import json
from pathlib import Path

import pytest

from tests.harness.slow import slow_but_first
from tests.indexer.running import Running

PHONE = ("phone", "+12025550142")
OTHER = ("phone", "+12025550143")


@pytest.fixture
def listing(running: Running) -> Running:
    running.publish([("email", "first@harbour.example", "buyer")])
    return running


def imported(running: Running, name: str, text: str, *more: str) -> list[tuple[str, str]]:
    """Import a file, and return of each row that was not taken the line and the code."""
    path, report = running.folder / name, running.folder / "report.csv"
    path.write_text(text)
    running.run("import", str(path), "--role", "buyer", "--report", str(report), *more, expect=3)
    return reported(report)


def reported(report: Path) -> list[tuple[str, str]]:
    with report.open() as lines:
        return [(row["line"], row["code"]) for row in csv.DictReader(lines)]


@slow_but_first(2, "remark", ["girl in shelter", "witness of May", "acquitted", "disputed"])
@pytest.mark.parametrize("is_before", [True, False])
def test_a_row_is_not_taken_whose_selector_another_leaves_open(
    listing: Running, remark: str, is_before: bool
) -> None:
    partner = listing.add_partner("acme")
    rows = [f"+1 202-555-0142,{remark}\n", "+1 (202) 555-0142,\n"]
    text = "".join(rows if is_before else rows[::-1])
    found = imported(listing, "cases.csv", f"phone,notes\n{text}+1 202-555-0143,\n")
    assert {code for _, code in found} == {"unknown_role", "left_open"}
    assert listing.listed(partner, PHONE, OTHER) == [False, True]


@slow_but_first(
    1,
    "first",
    ["+1 202-555-0142,rescued\n", '"+12025550142 (victim)",\n', '"victim: +12025550142",\n'],
)
def test_so_is_a_victim_s_where_the_import_is_permitted(listing: Running, first: str) -> None:
    partner = listing.add_partner("acme")
    text = f"phone,notes\n{first}+12025550142,\n+12025550143,\n"
    found = imported(listing, "cases.csv", text, "--allow-unprotected")
    assert found == [("2", "unknown_role"), ("3", "left_open")]
    assert listing.listed(partner, PHONE, OTHER) == [False, True]


def test_what_one_file_leaves_open_no_other_lists(listing: Running) -> None:
    partner = listing.add_partner("acme")
    bundle = {
        "type": "bundle",
        "objects": [
            {"type": "phone-number", "id": "phone-number--1", "value": "+12025550142"},
            {"type": "indicator", "id": "indicator--1", "pattern_type": "stix",
             "pattern": "[phone-number:value = '+12025550142']", "description": "a witness"},
        ],
    }  # fmt: skip
    table = listing.folder / "table.csv"
    table.write_text("phone\n+12025550142\n+12025550143\n")
    found = imported(listing, "bundle.json", json.dumps(bundle), str(table))
    assert found == [("2", "unknown_role"), ("1", "left_open"), ("2", "left_open")]
    assert listing.listed(partner, PHONE, OTHER) == [False, True]


def test_who_was_called_by_others_may_be_listed_for_calling(listing: Running) -> None:
    partner = listing.add_partner("acme")
    text = "phone,Callee\n+12025550142,+12025550143\n+12025550143,+12025550142\n"
    found = imported(listing, "calls.csv", text)
    assert found == [("2", "unknown_role"), ("3", "unknown_role")]
    assert listing.listed(partner, PHONE, OTHER) == [True, True]


def test_a_row_without_a_role_leaves_nothing_open(listing: Running) -> None:
    partner = listing.add_partner("acme")
    text = "phone,role,x\n+12025550142,,\n+12025550142,buyer,\n"
    assert imported(listing, "cases.csv", text) == [("2", "unknown_role")]
    assert listing.listed(partner, PHONE) == [True]
