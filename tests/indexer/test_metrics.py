"""The file for a monitor: what is in force, and what could not be done."""

from prometheus_client.parser import text_string_to_metric_families

from tests.indexer.running import Running

PHONE = ("phone", "+12025550142")
OTHER = ("phone", "+12025550143")


def read(running: Running) -> dict[tuple[str, ...], float]:
    text = (running.folder / "indexer.prom").read_text()
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_every_command_that_changes_something_writes_what_is_in_force(running: Running) -> None:
    file = str(running.folder / "indexer.prom")
    partner = running.add_partner("acme")
    path = str(running.write_list([(*PHONE, "buyer")]))
    running.run("publish", path, INDEXER_METRICS_FILE=file)
    first, key_id = read(running), partner.kit.token_key.key_id
    assert first["screening_indexer_release",] == 2
    assert first["screening_indexer_entries", "default"] == 1
    assert first["screening_indexer_selectors", key_id] == 1
    assert first["screening_indexer_overlay_changes", key_id] == 0
    assert first["screening_indexer_failures_total",] == 0
    running.run("add", "phone:+12025550143", "--role", "buyer", INDEXER_METRICS_FILE=file)
    second = read(running)
    assert second["screening_indexer_overlay_changes", key_id] == 1
    assert second["screening_indexer_release_timestamp_seconds",] > 1e9
    empty = str(running.write_list([]))
    running.run("publish", empty, expect=4, INDEXER_METRICS_FILE=file)
    third = read(running)
    assert third["screening_indexer_failures_total",] == 1
    assert third["screening_indexer_release",] == second["screening_indexer_release",]


def test_a_file_that_cannot_be_written_stops_nothing(running: Running) -> None:
    path = str(running.write_list([(*PHONE, "buyer")]))
    file = str(running.folder / "no" / "such" / "folder" / "x.prom")
    assert "cannot be written" in running.run("publish", path, INDEXER_METRICS_FILE=file).output


def test_a_slip_of_whoever_types_a_command_is_no_failure(running: Running) -> None:
    file = str(running.folder / "indexer.prom")
    slip = ("spool", "approver", "add", "cat", "no key")
    running.run(*slip, expect=2, INDEXER_METRICS_FILE=file)
    running.run("publish", str(running.write_list([(*PHONE, "buyer")])), INDEXER_METRICS_FILE=file)
    assert read(running)["screening_indexer_failures_total",] == 0


def test_what_fails_in_the_list_file_is_counted_as_what_is_refused(running: Running) -> None:
    file = str(running.folder / "indexer.prom")
    running.publish([(*PHONE, "buyer")])
    running.change(
        "CREATE TRIGGER fails BEFORE INSERT ON releases BEGIN SELECT RAISE(ABORT, 'full'); END"
    )
    ended = running.run(
        *("add", "phone:+12025550143", "--role", "buyer"), expect=None, INDEXER_METRICS_FILE=file
    )
    assert "the list file cannot be used" in ended.output
    assert read(running)["screening_indexer_failures_total",] == 1
