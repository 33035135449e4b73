"""`indexer import`: a preview, the same file twice, and what a curator should look at."""

import json

from tests.indexer.running import Running

PHONE = ("phone", "+12025550142")
OTHER = ("phone", "+12025550143")
EMAIL = ("email", "desk@harbour.example")

TABLE = (
    "Name;Mobile;E-mail;Notes\n"
    "A;+1 202 555 0142;desk@harbour.example;seen twice\n"
    "B;+1 (202) 555-0143;;\n"
    "C;not a phone;;\n"
)


def write(running: Running, name: str, text: str) -> str:
    path = running.folder / name
    path.write_text(text)
    return str(path)


def test_a_dry_run_shows_what_would_be_taken_and_changes_nothing(running: Running) -> None:
    partner = running.add_partner("acme")
    running.publish([(*OTHER, "buyer")])
    before, path = running.stored(), write(running, "cases.csv", TABLE)
    said = running.run("import", path, "--role", "buyer", "--dry-run", expect=3).output
    assert "cases.csv: table (CSV)" in said
    assert "column 'Mobile' is phone (by its name)" in said
    for shown in ("2 phone, 1 email", "country codes: 2 +1", "roles: 3 buyer", "lists: 3 default"):
        assert shown in said
    assert "3 entries would be new, 0 would be changed, 0 there before" in said
    assert "1 row was not taken" in said
    assert running.stored() == before
    assert [one["command"] for one in running.ledger()][-1] == "published"
    assert running.listed(partner, PHONE, OTHER, EMAIL) == [False, True, False]


def test_what_is_imported_is_listed_beside_what_was_and_a_second_time_nothing_changes(
    running: Running,
) -> None:
    partner = running.add_partner("acme")
    running.publish([(*OTHER, "buyer")])
    path = write(running, "cases.csv", TABLE)
    first = running.run("import", path, "--role", "buyer", expect=3).output
    assert "list 2: 3 entries added or there before" in first
    assert running.listed(partner, PHONE, OTHER, EMAIL) == [True, True, True]
    head = running.heads()[partner.kit.token_key.key_id]
    again = running.run("import", path, "--role", "buyer", expect=3).output
    assert "0 entries new, 0 changed, 3 there before" in again
    assert "added or there before" not in again  # it made no list
    assert running.heads()[partner.kit.token_key.key_id] == head


def test_who_laid_which_role_on_a_file_and_what_was_permitted_is_on_record(
    running: Running,
) -> None:
    running.publish([(*OTHER, "buyer")])
    path = write(running, "cases.csv", "phone;Remark\n202 555;victim\n202 555 0142;seen\n")
    told = ("--role", "trafficker", "--region", "US", "--allow-unprotected")
    running.run("import", path, *told, expect=3)
    record, done = running.ledger()[-2:]
    assert (record["command"], done["command"]) == ("import", "import done")
    assert (record["role"], record["region"], record["unprotected"]) == ("trafficker", "US", 1)
    assert record["allowed"] == {"unprotected": True}
    assert record["actor"]
    assert "by import of" in running.run("rollback", "--list").stdout.splitlines()[0]


def test_what_a_source_says_otherwise_than_before_is_a_change(running: Running) -> None:
    partner = running.add_partner("acme")
    path = write(running, "cases.csv", TABLE)
    running.publish([("email", "first@harbour.example", "buyer")])
    running.run("import", path, "--role", "buyer", expect=3)
    write(running, "cases.csv", TABLE.replace("seen twice", "seen three times"))
    said = running.run("import", path, "--role", "buyer", expect=3).output
    assert "0 entries new, 2 changed, 1 there before" in said
    assert running.listed(partner, PHONE, OTHER, EMAIL) == [True, True, True]
    (count,) = running.rows("SELECT count(*) FROM entries WHERE until > 1e18")
    assert count == (4,)


def test_an_import_says_where_an_entry_comes_from(running: Running) -> None:
    path = write(running, "cases.csv", TABLE)
    running.publish([(*OTHER, "buyer")])
    running.run("import", path, "--role", "buyer", "--list", "border", expect=3)
    running.run("import", path, "--role", "buyer", "--source", "case 7", expect=3)
    kept = running.rows("SELECT list, count(*) FROM entries WHERE until > 1e18 GROUP BY list")
    assert kept == [("border", 3), ("default", 4)]


def test_a_number_in_five_countries_and_a_placeholder_are_suspicious(running: Running) -> None:
    numbers = [f"+{code} 202 555 0142" for code in (1, 39, 43, 44, 49)]
    path = write(running, "numbers.csv", "phone\n" + "\n".join([*numbers, "+1 202 222 2222"]))
    said = running.run("import", path, "--role", "buyer", "--dry-run").output
    assert "suspicious: 5 x one number under 5 or more country codes" in said
    assert "numbers.csv line 2, numbers.csv line 3" in said
    assert "suspicious: 1 x a run of digits" in said
    write(running, "numbers.csv", "phone\n" + "\n".join(numbers[1:]))
    assert "suspicious" not in running.run("import", path, "--role", "buyer", "--dry-run").output


def test_a_bundle_is_known_by_its_content(running: Running) -> None:
    partner = running.add_partner("acme")
    running.publish([(*OTHER, "buyer")])
    bundle = {
        "type": "bundle",
        "id": "bundle--1",
        "objects": [
            {
                "type": "email-addr",
                "spec_version": "2.1",
                "id": "email-addr--1",
                "value": "desk@harbour.example",
            }
        ],
    }
    path = write(running, "what.txt", json.dumps(bundle))
    said = running.run("import", path, "--role", "facilitator").output
    assert "STIX 2.1 bundle" in said
    assert running.listed(partner, EMAIL) == [True]


def test_a_victims_row_that_cannot_be_taken_stops_an_import(running: Running) -> None:
    running.publish([(*OTHER, "buyer")])
    path = write(running, "cases.csv", "phone;role\nno phone;victim\n+12025550142;buyer\n")
    before, heads = running.stored(), len(running.ledger())
    would = running.run("import", path, "--dry-run", expect=4).output
    assert "the import would be refused: rows that speak of a victim" in would
    refused = running.run("import", path, expect=4).output
    assert "would protect nobody" in refused
    assert "the import would be" not in refused
    for said in (would, refused):
        assert "nothing is changed" in said
        assert " new, " not in said
        assert "1 row was not taken" in said
    assert (running.stored(), len(running.ledger())) == (before, heads)
    allowed = running.run("import", path, "--dry-run", "--allow-unprotected", expect=3).output
    assert "1 entry would be new" in allowed
    running.run("import", path, "--allow-unprotected", expect=3)


def test_an_import_of_which_nothing_can_be_taken_is_refused_as_a_publication_is(
    running: Running,
) -> None:
    running.publish([(*OTHER, "buyer")])
    path = write(running, "cases.csv", "phone;role\nno phone;buyer\nnor this;buyer\n")
    before, heads = running.stored(), len(running.ledger())
    assert (
        "the import would be refused: no row"
        in running.run("import", path, "--dry-run", expect=4).output
    )
    refused = running.run("import", path, expect=4).output
    assert "no row could be taken: nothing is changed" in refused
    assert "2 rows were not taken" in refused
    assert (running.stored(), len(running.ledger())) == (before, heads)


def test_the_column_that_speaks_against_a_row_is_named_and_nothing_that_stands_in_it(
    running: Running,
) -> None:
    running.publish([(*OTHER, "buyer")])
    path = write(
        running,
        "cases.csv",
        "phone;Status;Observed;Reporter phone\n"
        "+12025550142;cleared;his daughter was rescued;\n"
        "+12025550143;cleared;seen twice;\n"
        ";;;+12025550144\n"
        "+12025550145;convicted;seen twice;\n",
    )
    report = running.folder / "rejected.csv"
    told = ("--role", "trafficker", "--report", str(report))
    refused = running.run("import", path, *told, expect=4).output
    assert "cases.csv line 2 (column 'Observed')" in refused
    assert "1 by 'Observed', 1 by 'Status', 1 by 'Reporter phone'" in refused
    assert report.read_text().splitlines() == [
        "file,line,kind,code,because_of_column",
        "cases.csv,2,phone,unknown_role,Observed",
        "cases.csv,3,phone,unknown_role,Status",
        "cases.csv,4,phone,unknown_role,Reporter phone",
    ]
    assert "rescued" not in refused + report.read_text()


def test_a_role_of_its_own_lists_a_row_that_a_column_speaks_against(running: Running) -> None:
    partner = running.add_partner("acme")
    text = "phone;Remark;role\n+12025550142;his daughter was rescued;trafficker\n"
    running.run("import", write(running, "cases.csv", text))
    assert running.listed(partner, ("phone", "+12025550142")) == [True]


def test_an_unknown_role_and_free_text_are_one_sentence(running: Running) -> None:
    path = write(running, "note.txt", "Call me at home tomorrow, please.\nThank you!\n")
    assert (
        "choose one of trafficker, " in running.run("import", path, "--role", "x", expect=2).output
    )
    assert "indexer extract" in running.run("import", path, expect=2).output


def test_a_file_that_is_imported_again_undoes_no_correction(running: Running) -> None:
    running.publish([("email", "first@harbour.example", "buyer")])
    path = write(running, "cases.csv", TABLE)
    running.run("import", path, "--role", "buyer", expect=3)
    corrected = TABLE.replace("seen twice", "seen three times")
    running.run("import", write(running, "cases.csv", corrected), "--role", "buyer", expect=3)
    kept = running.rows("SELECT id FROM entries WHERE until > 1e18")
    write(running, "cases.csv", TABLE)
    said = running.run("import", path, "--role", "buyer", expect=3).output
    assert "0 entries new, 0 changed, 1 there before" in said
    assert "2 were corrected since" in said
    assert running.rows("SELECT id FROM entries WHERE until > 1e18") == kept
    running.run("publish", "--changes", str(running.write_list([(*PHONE, "facilitator")])))
    said = running.run("publish", "--changes", str(running.write_list([(*PHONE, "buyer")]))).output
    assert "list" in said


def test_a_list_that_is_called_after_victims_takes_nobody_else(running: Running) -> None:
    path = write(running, "cases.csv", TABLE)
    said = running.run("import", path, "--role", "buyer", "--list", "victims-2026", expect=2).output
    assert "victims-2026 is called after victims, or those under age: give --role victim" in said
