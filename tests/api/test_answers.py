"""What a question is answered with (docs/architecture.md, "Answers")."""

import base64
import hmac
import re
from datetime import UTC, datetime, timedelta

import pytest

from tests.api.journal_records import record_of
from tests.api.questions import MIXED, MIXED_RESULTS, answer_of
from tests.api.standing import LISTED, TEST_LISTED, UNLISTED, Standing, random_tokens

RFC3339_SECONDS = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


@pytest.mark.parametrize("route", ["check", "bulk"])
def test_each_selector_is_answered_in_the_order_asked(standing: Standing, route: str) -> None:
    answer = answer_of(standing.post(route, standing.bulker.body(*MIXED), standing.bulker))
    assert answer["results"] == MIXED_RESULTS
    assert answer["result"] == "match"


@pytest.mark.parametrize("route", ["check", "bulk"])
def test_without_any_match_the_result_is_no_match(standing: Standing, route: str) -> None:
    answer = answer_of(standing.post(route, standing.bulker.body(*UNLISTED), standing.bulker))
    assert (answer["result"], answer["results"]) == ("no_match", ["no_match"] * 3)


def test_a_single_match_among_sixteen_makes_the_result_match(standing: Standing) -> None:
    body = standing.checker.body(LISTED[1])
    rows = [{"kind": "phone", "token": token} for token in random_tokens(15)]
    answer = answer_of(
        standing.post("check", body | {"selectors": rows + body["selectors"]}, standing.checker)
    )
    assert (answer["result"], answer["results"]) == ("match", ["no_match"] * 15 + ["match"])


@pytest.mark.parametrize("route", ["check", "bulk"])
def test_an_answer_has_the_members_of_the_contract_and_no_other(
    standing: Standing, route: str
) -> None:
    answer = answer_of(standing.post(route, standing.bulker.body(LISTED[0]), standing.bulker))
    assert list(answer) == ["result", "results", "receipt", "opening", "list"]
    assert set(answer["list"]) == {"generation", "seq", "published_at", "as_of"}


def test_the_list_block_tells_generation_number_and_times_in_seconds(standing: Standing) -> None:
    stated = answer_of(standing.post("check", standing.checker.body(LISTED[0]), standing.checker))[
        "list"
    ]
    assert re.fullmatch(r"[0-9]{8}-[0-9a-f]{8}", stated["generation"])
    assert stated["seq"] == 1
    for name in ("published_at", "as_of"):
        assert RFC3339_SECONDS.fullmatch(stated[name]), stated[name]
    now = datetime.now(UTC)
    as_of = datetime.fromisoformat(stated["as_of"])
    assert now - timedelta(seconds=10) < as_of <= now
    assert datetime.fromisoformat(stated["published_at"]) <= as_of


def test_every_answer_has_a_receipt_and_an_opening_of_its_own(standing: Standing) -> None:
    body = standing.tester.body(TEST_LISTED[0])
    answers = [answer_of(standing.post("check", body, standing.tester)) for _ in range(64)]
    receipts = [answer["receipt"] for answer in answers]
    openings = [base64.b64decode(answer["opening"], validate=True) for answer in answers]
    assert all(re.fullmatch(r"[a-z2-7]{26}", receipt) for receipt in receipts)
    assert {len(opening) for opening in openings} == {32}
    assert len(set(receipts)) == len(set(openings)) == len(answers)
    # Every character varies over the whole alphabet's range: none is a constant or a count.
    assert all(len({receipt[at] for receipt in receipts}) > 8 for at in range(26))


def test_a_token_of_another_partner_matches_nothing(standing: Standing) -> None:
    body = standing.checker.body() | {"selectors": standing.bulker.body(*LISTED)["selectors"]}
    assert answer_of(standing.post("check", body, standing.checker))["result"] == "no_match"


def test_a_test_key_reads_the_test_list_and_never_the_real_one(standing: Standing) -> None:
    real = standing.post("check", standing.tester.body(*LISTED), standing.tester)
    assert answer_of(real)["results"] == ["no_match"] * len(LISTED)
    test = standing.post("check", standing.tester.body(*TEST_LISTED), standing.tester)
    assert answer_of(test)["results"] == ["match"] * len(TEST_LISTED)
    live = standing.post("check", standing.checker.body(*TEST_LISTED), standing.checker)
    assert answer_of(live)["results"] == ["no_match"] * len(TEST_LISTED)


def test_the_kind_is_a_claim_and_the_token_binds_the_kind(standing: Standing) -> None:
    body = standing.checker.body(LISTED[0])
    body["selectors"][0]["kind"] = "email"
    assert answer_of(standing.post("check", body, standing.checker))["results"] == ["match"]


BAD_ROWS: list[tuple[str, dict[str, str]]] = [
    ("an unknown kind", {"kind": "passport"}),
    ("a kind in upper case", {"kind": "PHONE"}),
    ("no kind", {"kind": ""}),
    ("no token", {"token": ""}),
    ("a short token", {"token": base64.b64encode(bytes(31)).decode()}),
    ("a long token", {"token": base64.b64encode(bytes(33)).decode()}),
    ("base64 without padding", {"token": base64.b64encode(bytes(32)).decode().rstrip("=")}),
    ("non-zero trailing bits", {"token": "A" * 42 + "B="}),
    ("the URL-safe alphabet", {"token": "-_" * 21 + "A="}),
    ("a line feed behind it", {"token": "A" * 43 + "=\n"}),
    ("no base64", {"token": "\N{SNOWMAN}" * 44}),
    ("hex", {"token": bytes(32).hex()}),
]


@pytest.mark.parametrize("change", [row for _, row in BAD_ROWS], ids=[name for name, _ in BAD_ROWS])
def test_a_bad_row_is_invalid_and_no_other_row_is(
    standing: Standing, change: dict[str, str]
) -> None:
    body = standing.bulker.body(LISTED[0], LISTED[0], UNLISTED[0])
    body["selectors"][1] |= change
    answer = answer_of(standing.post("bulk", body, standing.bulker))
    assert answer["results"] == ["match", "invalid", "no_match"]


def test_invalid_rows_do_not_count_in_the_result(standing: Standing) -> None:
    bad = {"kind": "passport", "token": "x"}
    body = standing.bulker.body(UNLISTED[0])
    body["selectors"] = [bad, *body["selectors"], bad]
    answer = answer_of(standing.post("bulk", body, standing.bulker))
    assert (answer["result"], answer["results"]) == ("no_match", ["invalid", "no_match", "invalid"])


def test_a_malformed_selector_of_a_check_refuses_the_whole_body(standing: Standing) -> None:
    for change in ({"kind": "passport"}, {"token": base64.b64encode(bytes(31)).decode()}):
        body = standing.checker.body(LISTED[0], LISTED[1])
        body["selectors"][1] |= change
        assert standing.post("check", body, standing.checker).status_code == 400


def test_ten_thousand_rows_are_answered_in_order_and_one_more_is_refused(
    standing: Standing,
) -> None:
    rows = [{"kind": "phone", "token": token} for token in random_tokens(10_000)]
    listed = standing.bulker.body(*LISTED)["selectors"]
    places = (0, 63, 64, 9_999)
    for place, row in zip(places, listed, strict=True):
        rows[place] = row
    rows[5_000] = {"kind": "phone", "token": "?"}
    body = standing.bulker.body() | {"selectors": rows}
    answer = answer_of(standing.post("bulk", body, standing.bulker))
    expected = ["no_match"] * 10_000
    for place in places:
        expected[place] = "match"
    expected[5_000] = "invalid"
    assert answer["results"] == expected
    assert set(record_of(standing.journal, answer["receipt"]).matches) == set(map(str, places))

    body["selectors"] = [*rows, rows[0]]
    assert standing.post("bulk", body, standing.bulker).json()["code"] == "invalid_request"


@pytest.mark.parametrize(("route", "most"), [("check", 16), ("bulk", 10_000)])
def test_none_at_all_and_one_too_many_are_refused(
    standing: Standing, route: str, most: int
) -> None:
    row = {"kind": "phone", "token": random_tokens(1)[0]}
    for count, status in ((0, 400), (1, 200), (most, 200), (most + 1, 400)):
        body = standing.bulker.body() | {"selectors": [row] * count}
        assert standing.post(route, body, standing.bulker).status_code == status


def test_a_token_can_be_derived_by_the_protocol_alone(standing: Standing) -> None:
    # By hand, as a partner in any language would (docs/protocol.md, stretch "none").
    key = standing.tester.kit.token_key
    stretched = hmac.digest(key.salt, b"screening/v1/selector\0phone\0+12025550199", "sha256")
    token = hmac.digest(key.secret, b"screening/v1/token\0" + stretched, "sha256")
    row = {"kind": "phone", "token": base64.b64encode(token).decode()}
    body = standing.tester.body() | {"selectors": [row]}
    assert answer_of(standing.post("check", body, standing.tester))["results"] == ["match"]
