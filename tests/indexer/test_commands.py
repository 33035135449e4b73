"""What the indexer's commands refuse, say and record, run as a curator runs them."""

import pytest

from tests.harness.deployment import Deployed

NO_STRETCH = ("--stretch", "none", "--allow-unstretched")
LISTED = ("phone", "+12025550100", "trafficker")
TEXT = "Call +1 202 555 0177 or booking.agent@travel.test\n"


def ledger(deployed: Deployed) -> str:
    folder = deployed.indexer_home / "ledger"
    return "".join(one.read_text() for one in sorted(folder.iterdir()) if one.is_file())


def test_without_a_role_what_was_extracted_waits_for_a_curator(deployed: Deployed) -> None:
    (deployed.folder / "t.txt").write_text(TEXT)
    done = deployed.indexer("extract", "t.txt", "-o", "x.csv", "--report", "r.csv")
    assert "fill in the role" in done.stdout
    refused = deployed.indexer("publish", "x.csv", "--report", "rejected.csv", expect=4)
    assert "empty" in refused.stderr
    assert (deployed.folder / "rejected.csv").read_text().count("unknown_role") == 2
    text = (deployed.folder / "x.csv").read_text()
    (deployed.folder / "x.csv").write_text(text.replace(",,,", ",buyer,,"))
    deployed.indexer("publish", "x.csv")


def test_extract_says_whose_role_it_left_empty(deployed: Deployed) -> None:
    (deployed.folder / "t.txt").write_text(f"{TEXT}Victim: tel +1 202 555 0161, driver\n")
    for role in ((), ("--role", "trafficker")):
        options = ("-o", "x.csv", "--report", "r.csv", "--overwrite", *role)
        said = deployed.indexer("extract", "t.txt", *options).stdout
        assert "1 of them without a role" in said
        assert "x.csv line 4;" in said
        row = (deployed.folder / "x.csv").read_text().splitlines()[3]
        assert row.endswith(",its text speaks of a victim; extracted from t.txt line 2")
        finds = (deployed.folder / "r.csv").read_text().splitlines()
        assert [line.rpartition(",")[2] for line in finds] == ["speaks_of", "", "", "victim"]


def test_what_was_extracted_of_a_victim_stops_a_list_that_names_its_number_otherwise(
    deployed: Deployed,
) -> None:
    (deployed.folder / "t.txt").write_text(f"{TEXT}Victim: tel +1 202 555 0161, driver\n")
    options = ("-o", "x.csv", "--report", "r.csv", "--role", "trafficker")
    deployed.indexer("extract", "t.txt", *options)
    other = deployed.folder / "other.csv"
    other.write_text("kind,value,role\nphone,+12025550161,trafficker\n")
    refused = deployed.indexer("publish", "other.csv", "x.csv", expect=4)
    assert "rows that speak of a victim could not be taken" in refused.stderr
    assert "x.csv line 4" in refused.stderr


def test_a_victims_row_that_cannot_be_taken_stops_the_list_until_it_is_permitted(
    deployed: Deployed,
) -> None:
    deployed.publish([LISTED])
    rows = [LISTED, ("email", "a@hotel.example", "buyer"), ("phone", "202 555 010", "victim")]
    refused = deployed.publish(rows, "--report", "rejected.csv", expect=4)
    assert "--allow-unprotected" in refused.stderr
    assert "region_required" in (deployed.folder / "rejected.csv").read_text()
    assert "list      1:" in deployed.indexer("status").stdout
    deployed.publish(rows, "--allow-unprotected", expect=3)
    assert "list      2:" in deployed.indexer("status").stdout
    assert '"allowed":{"shrink":false,"empty":false,"unprotected":true}' in ledger(deployed)


def test_of_many_rows_that_stop_a_list_the_first_are_named(deployed: Deployed) -> None:
    rows = [LISTED, *(("phone", f"202 555 01{number}", "victim") for number in range(7))]
    refused = deployed.publish(rows, expect=4)
    assert "line 3" in refused.stderr
    assert "line 7 and 2 more; correct them" in refused.stderr


@pytest.mark.parametrize("region", ["UK", "United Kingdom", "44", "\u00df"])
def test_a_region_that_is_none_is_refused_with_the_code_that_britons_look_for(
    deployed: Deployed, region: str
) -> None:
    (deployed.folder / "t.txt").write_text("kind,value,role\nphone,020 7946 0958,buyer\n")
    for arguments in (["publish", "t.txt"], ["extract", "t.txt", "-o", "x.csv", "--report", "r"]):
        done = deployed.indexer(*arguments, "--region", region, expect=2)
        assert "GB for Great Britain" in done.stderr
        assert region not in done.stderr.replace("United Kingdom", "")
    deployed.indexer("publish", "t.txt", "--region", "gb")


@pytest.mark.parametrize("url", ["http://screening.example", "http://[", "screening.example"])
def test_no_kit_is_written_that_every_client_would_refuse(deployed: Deployed, url: str) -> None:
    kit = deployed.folder / "acme.kit.json"
    arguments = ["--kit", str(kit), "--api-url", url, *NO_STRETCH]
    done = deployed.indexer("partner", "add", "acme", *arguments, expect=2)
    assert (done.stderr.count("\n"), kit.exists()) == (1, False)


def test_status_of_a_home_without_a_list_says_so_and_makes_none(deployed: Deployed) -> None:
    done = deployed.indexer("status")
    assert "there is no list" in done.stdout
    assert not (deployed.indexer_home / "list.sqlite").exists()


def test_status_changes_no_file(deployed: Deployed) -> None:
    deployed.publish([LISTED])
    before = {
        path: path.read_bytes()
        for path in deployed.indexer_home.rglob("*")
        if path.is_file() and path.suffix not in (".sqlite-shm", ".sqlite-wal")
    }
    assert "list      1: 1 selector" in deployed.indexer("status").stdout
    assert {path: path.read_bytes() for path in before} == before
