"""`gen-screen check`: its answers, its exit codes, its single sentences."""

import json
import re
from pathlib import Path

import pytest

from screening.client.commands.exits import exit_code
from screening.vocabulary.errors import (
    Forbidden,
    InvalidRequest,
    KitMismatch,
    KitRefused,
    LedgerDamaged,
    NotCanonical,
    QuotaExceeded,
    Unauthenticated,
    Unknown,
    UnknownKeyId,
)
from tests.client import peer as behave
from tests.client.booking_regions import booking_regions_of
from tests.client.conftest import GenScreen, List
from tests.client.misbehaviour import MISBEHAVIOURS
from tests.client.peer import OPENING, Behaviour, Peer
from tests.harness.slow import slow_but_first

PHONE = "phone:+1 202 555 0100"
EMAIL = "email:Jane.Doe@booking.example"


def test_no_match_exits_0_with_answer_and_receipt(
    gen_screen_process: GenScreen, kit_path: Path
) -> None:
    done = gen_screen_process("check", "--kit", kit_path, PHONE, EMAIL)
    assert (done.code, done.err) == (0, "")
    assert "No match" in done.out
    assert "a2b3c4d5e6f7a2b3c4d5aaaaab" in done.out
    assert "review" not in done.out


def test_a_match_exits_10_and_says_that_it_is_a_lead(
    gen_screen: GenScreen, kit_path: Path, list_selectors: List
) -> None:
    list_selectors(("email", "jane.doe@booking.example"))
    done = gen_screen("check", "--kit", kit_path, PHONE, EMAIL)
    assert (done.code, done.err) == (10, "")
    assert "MATCH" in done.out
    assert "lead for human review" in done.out
    lines = [line.split() for line in done.out.splitlines()]
    assert lines[0] == ["no", "match", "phone", "+12025550100"]
    assert lines[1] == ["MATCH", "email", "jane.doe@booking.example"]


def test_the_country_of_the_booking_is_sent_where_it_is_one(
    gen_screen: GenScreen, kit_path: Path, peer: Peer
) -> None:
    told = booking_regions_of(peer)
    ask = ("check", "--kit", kit_path, "--booking-region")
    assert gen_screen(*ask, "de", PHONE).code == 0
    refused = gen_screen(*ask, "Atlantis", PHONE)
    assert (refused.code, "ISO 3166-1" in refused.err, "Atlantis" in refused.err) == (
        2,
        True,
        False,
    )
    assert told == ["DE"]


def test_json_is_the_answer_as_one_line(
    gen_screen: GenScreen, kit_path: Path, list_selectors: List
) -> None:
    list_selectors(("email", "jane.doe@booking.example"))
    done = gen_screen("check", "--kit", kit_path, "--json", PHONE, EMAIL)
    answer = json.loads(done.out)
    assert done.out.count("\n") == 1
    assert (answer["result"], answer["results"]) == ("match", ["no_match", "match"])
    assert set(answer) == {"result", "results", "receipt", "opening", "list"}


def test_values_are_read_from_stdin_line_by_line_and_cards_shown_masked(
    gen_screen: GenScreen, kit_path: Path, list_selectors: List
) -> None:
    list_selectors(("card", "378282246310005"))
    done = gen_screen(
        "check", "--kit", kit_path, "card:-", PHONE, "card:-",
        stdin=b"4242 4242 4242 4242\n3782 822463 10005",
    )  # fmt: skip
    assert done.code == 10
    assert "378282*****0005" in done.out
    assert "4242424242424242" not in done.out


@pytest.mark.parametrize(
    ("selectors", "code"),
    [
        (["phone:202 555 0100"], "region_required: "),
        ([PHONE, "card:4242424242424241"], "bad_checksum: "),
        (["phone:+12025550100 ext. 2025550142"], "gen-screen: a selector has a second value"),
        (["phone:+12025550142 Jo"], "gen-screen: a selector has a second value"),
        (["phone:0301234567.0", "--region", "DE"], "gen-screen: a spreadsheet has changed"),
        (["passport:X1"], "unknown_kind: "),
        (["phone:"], "empty: "),
        (["email:-"], "empty: "),
        (["+12025550100"], "selector 1 must be written KIND:VALUE, "),
        ([PHONE] * 17, "a check takes at most 16 selectors; "),
    ],
)
def test_bad_input_exits_2_and_asks_nothing(
    gen_screen: GenScreen, kit_path: Path, peer: Peer, selectors: list[str], code: str
) -> None:
    done = gen_screen("check", "--kit", kit_path, *selectors)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(code)
    assert done.err.count("\n") == 1
    assert peer.total("/v1/check") == 0


def test_a_rejection_says_which_selector_it_is_about(gen_screen: GenScreen, kit_path: Path) -> None:
    done = gen_screen("check", "--kit", kit_path, PHONE, "card:4242424242424241")
    assert done.err.endswith("(selector 2)\n")


def test_a_card_among_the_arguments_is_warned_of_and_asked_all_the_same(
    gen_screen: GenScreen, kit_path: Path
) -> None:
    done = gen_screen("check", "--kit", kit_path, PHONE, "card:4242 4242 4242 4242")
    assert (done.code, done.err.count("\n")) == (0, 1)
    assert "others on this machine can see" in done.err
    assert "write card:- and give it on stdin" in done.err
    assert "4242 4242" not in done.err


def test_a_card_on_stdin_is_warned_of_as_little_as_a_phone(
    gen_screen: GenScreen, kit_path: Path
) -> None:
    done = gen_screen("check", "--kit", kit_path, PHONE, "card:-", stdin=b"4242 4242 4242 4242\n")
    assert (done.code, done.err) == (0, "")


def test_a_region_completes_national_numbers(
    gen_screen: GenScreen, kit_path: Path, list_selectors: List
) -> None:
    list_selectors(("phone", "+12025550100"))
    done = gen_screen("check", "--kit", kit_path, "--region", "US", "phone:202 555 0100")
    assert done.code == 10


EXITS: dict[str, tuple[Behaviour, int]] = {
    "unavailable": (behave.problem(503, "unavailable", "5", reason="index"), 69),
    "nobody": (behave.reset, 69),
    "off the contract": (behave.raw(200, b"{}"), 69),
    "quota": (behave.problem(429, "quota_exceeded", "7"), 75),
    "key refused": (behave.problem(401, "unauthenticated"), 77),
    "scope": (behave.problem(403, "forbidden"), 77),
    "retired": (behave.problem(409, "unknown_key_id"), 78),
    "mismatch": (behave.problem(409, "kit_mismatch"), 78),
    "bad request": (behave.problem(400, "invalid_request"), 2),
}


@pytest.mark.parametrize("name", EXITS)
def test_each_refusal_has_its_exit_code_and_one_sentence(
    gen_screen: GenScreen, kit_path: Path, peer: Peer, name: str
) -> None:
    peer.always, code = EXITS[name]
    for output in ([], ["--json"]):
        done = gen_screen("check", "--kit", kit_path, *output, PHONE)
        assert (done.code, done.out) == (code, "")
        assert done.err.startswith("gen-screen: ")
        assert done.err.count("\n") == 1
        assert not re.search("202 ?555", done.err)


@slow_but_first(20, "name", MISBEHAVIOURS)
def test_no_misbehaviour_exits_or_reads_as_an_answer(
    gen_screen: GenScreen, kit_path: Path, peer: Peer, name: str
) -> None:
    peer.always, _ = MISBEHAVIOURS[name]
    done = gen_screen("check", "--kit", kit_path, "--timeout-ms", "200", PHONE, EMAIL)
    assert (done.code, done.out) == (69, "")
    assert done.err.startswith("gen-screen: the answer is not known, ")
    assert done.err.count("\n") == 1


def test_an_api_that_is_down_is_not_known(
    gen_screen: GenScreen, kit_path: Path, peer: Peer
) -> None:
    peer.close()
    for output in ([], ["--json"]):
        done = gen_screen("check", "--kit", kit_path, *output, PHONE)
        assert (done.code, done.out) == (69, "")
        assert done.err.startswith("gen-screen: the answer is not known, ")


def test_a_certain_match_is_shown_and_exits_10_though_the_rest_is_not_known(
    gen_screen: GenScreen, kit_path: Path, peer: Peer
) -> None:
    peer.always = behave.problem(
        503, "unavailable", "5", reason="stale", matches=[1], receipt="a" * 26, opening=OPENING
    )
    done = gen_screen("check", "--kit", kit_path, PHONE, EMAIL)
    assert done.code == 10
    assert "not known" in done.out
    assert "lead for human review" in done.out
    assert "a" * 26 in done.out
    assert OPENING in done.out
    as_json = gen_screen("check", "--kit", kit_path, "--json", PHONE, EMAIL)
    assert as_json.code == 10
    assert json.loads(as_json.out) == {
        "result": "match",
        "results": ["unknown", "match"],
        "receipt": "a" * 26,
        "opening": OPENING,
        "reason": "stale",
    }


def test_a_retry_leaves_stdout_to_the_answer(
    gen_screen_process: GenScreen, kit_path: Path, peer: Peer
) -> None:
    peer.script.append(behave.reset)
    done = gen_screen_process("check", "--kit", kit_path, "--json", PHONE)
    assert json.loads(done.out)["result"] == "no_match"
    assert done.err == ""
    assert peer.total("/v1/check") == 2


def test_a_kit_that_others_can_read_exits_78(gen_screen: GenScreen, kit_path: Path) -> None:
    kit_path.chmod(0o644)
    for command in (["check", PHONE], ["token", "--kind", "phone", "+12025550100"]):
        done = gen_screen(command[0], "--kit", kit_path, *command[1:])
        assert (done.code, done.out) == (78, "")
        assert "chmod 600" in done.err


def test_every_error_has_the_documented_exit_code() -> None:
    assert [
        exit_code(error)
        for error in (
            NotCanonical("empty"),
            InvalidRequest(""),
            LedgerDamaged(""),
            Unknown("", reason="store"),
            QuotaExceeded("", retry_after_s=1),
            Unauthenticated(),
            Forbidden(""),
            UnknownKeyId(""),
            KitMismatch(""),
            KitRefused(""),
        )
    ] == [2, 2, 2, 69, 75, 77, 77, 78, 78, 78]
