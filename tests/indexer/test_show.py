"""`indexer show`: what is said of a selector, for whom it is listed, and what keeps it off."""

from tests.indexer.running import NO_STRETCH, Running

HEADER = "kind,value,role,source,reason,confidence,last_seen,expires_at,list\n"
SELECTOR = "phone:+12025550142"


def publish(running: Running, *rows: str) -> None:
    path = running.folder / "list.csv"
    path.write_text(HEADER + "".join(f"{row}\n" for row in rows))
    running.run("publish", str(path))


def shown(running: Running, *selectors: str) -> list[str]:
    output = running.run("show", *(selectors or (SELECTOR,))).output
    assert "2025550142" not in output
    return output.splitlines()


def test_each_statement_is_shown_and_for_whom_its_selector_is_listed(running: Running) -> None:
    assert "no list" in running.run("show", SELECTOR).output
    running.add_partner("acme")
    running.add_partner("beta", *NO_STRETCH, "--lists", "border")
    publish(
        running,
        "phone,+12025550142,trafficker,case 7,seen twice,90,2025-03-14,2040-12-31,",
        "phone,+12025550142,disputed,,,,2025-03-14,2020-12-31,",
        "phone,+12025550143,buyer,,,,2025-03-14,2040-12-31,border",
        "phone,+12025550144,buyer,,,,2025-03-14,2020-12-31,border",
        "phone,+12025550146,victim,interview 4,,,,,border",
        "phone,+12025550146,buyer,,,,2025-03-14,2040-12-31,border",
    )
    assert shown(running) == [
        "selector 1: listed, for acme",
        "  disputed in default, no source",
        "    seen 2025-03-14 to 2025-03-14, expired 2020-12-31 23:59:59 UTC",
        "  trafficker in default by case 7",
        "    90 % sure, seen 2025-03-14 to 2025-03-14, expires 2040-12-31 23:59:59 UTC",
        "    reason: seen twice",
    ]
    running.run("partner", "suspend", "beta")
    others = shown(running, *(f"phone:+120255501{number}" for number in (43, 44, 45, 46)))
    assert [line for line in others if line.startswith("selector")] == [
        "selector 1: listed, for acme, beta (suspended)",
        "selector 2: not listed",
        "selector 3: not listed: nothing is said of it",
        "selector 4: not listed: it is a victim's, whatever else is said of it",
    ]


def test_what_keeps_a_selector_off_is_shown_with_its_reason_and_time(running: Running) -> None:
    publish(running, "phone,+12025550142,trafficker,case 7,,,,2040-12-31,")
    assert shown(running)[0] == "selector 1: listed, but for no partner"
    running.run("exclusions", "add", "phone", "exact", "+12025550142", "--category", "shelter")
    assert shown(running)[0] == "selector 1: not listed"
    (line,) = (line for line in shown(running) if "safety list" in line)
    assert line.startswith("  kept off by a safety list since 20")
    assert line.endswith(" UTC: shelter")
    running.run("exclusions", "override", SELECTOR, "--reason", "the shelter\x1b[2J has moved")
    (line,) = (line for line in shown(running) if "safety lists" in line)
    assert line.endswith(": the shelter [2J has moved")
    running.run("retract", SELECTOR, "--reason", "it is somebody else's")
    lines = shown(running)
    assert lines[0] == "selector 1: not listed"
    assert lines[1].startswith("  retracted 20")
    assert lines[1].endswith(" UTC: it is somebody else's")


def test_who_looks_is_recorded_before_anything_is_shown(running: Running) -> None:
    publish(running, "phone,+12025550142,trafficker,case 7,,,,2040-12-31,")
    for step in range(100):
        ended = running.run("show", SELECTOR, kill_before=step)
        recorded = [one for one in running.ledger() if one["command"] == "show"]
        if not ended.was_killed:
            break
        assert "selector 1" not in ended.output or recorded
    assert recorded[-1]["selectors"] == 1
    assert recorded[-1]["actor"]


def test_the_list_is_shown_without_its_store(running: Running) -> None:
    publish(running, "phone,+12025550142,trafficker,case 7,,,,2040-12-31,")
    nowhere = f"unix://{running.folder}/none.sock"
    said = running.run("show", SELECTOR, SCREENING_REDIS_URL=nowhere).output
    assert "listed, but" in said


def test_a_rule_is_shown_of_what_was_never_listed(running: Running) -> None:
    publish(running, "phone,+12025550143,trafficker,case 7,,,,2040-12-31,")
    assert shown(running) == ["selector 1: not listed: nothing is said of it"]
    rule = ("phone", "exact", "+12025550142", "--category", "shelter", "--note", "north house")
    running.run("exclusions", "add", *rule)
    assert shown(running) == [
        "selector 1: not listed",
        "  never listed, by a safety list: shelter (north house)",
    ]
