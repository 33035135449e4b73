"""What a question is answered with, and what is recorded of it (design.md §4 and §8)."""

import base64
import hmac
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import msgspec
import pytest

from screening.vocabulary.tokens import Digester, commitment
from tests.api.journal_records import bytes_below, record_of
from tests.api.standing import LISTED, TEST_LISTED, UNLISTED, Standing, random_tokens
from tests.harness.deployment import Partner

RFC3339_SECONDS = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
MIXED = (LISTED[0], UNLISTED[0], LISTED[2], UNLISTED[2], LISTED[3])
MIXED_RESULTS = ["match", "no_match", "match", "no_match", "match"]
MSGPACK = "application/msgpack"


def answer_of(response: httpx.Response) -> dict[str, Any]:
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "application/json"
    answer: dict[str, Any] = response.json()
    return answer


def packed(partner: Partner, *selectors: tuple[str, str]) -> dict[str, Any]:
    """Return a question as it travels in MessagePack."""
    body = partner.body(*selectors)
    rows = [
        {"kind": row["kind"], "token": base64.b64decode(row["token"])} for row in body["selectors"]
    ]
    return body | {"key_check": base64.b64decode(body["key_check"]), "selectors": rows}


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


def test_the_record_is_in_the_journal_when_the_answer_arrives_and_binds_the_whole_question(
    standing: Standing,
) -> None:
    asked = standing.bulker.body(*MIXED)
    for route in ("check", "bulk"):
        before = datetime.now(UTC)
        answer = answer_of(standing.post(route, asked, standing.bulker))
        record = record_of(standing.journal, answer["receipt"])
        question = [
            (row["kind"], base64.b64decode(row["token"]), result)
            for row, result in zip(asked["selectors"], answer["results"], strict=True)
        ]
        opening = base64.b64decode(answer["opening"])
        assert record.commitment == commitment(opening, question)
        # Another question or another answer would not open it.
        assert record.commitment != commitment(opening, question[::-1])
        assert record.commitment != commitment(opening, question[:-1])
        assert before - timedelta(seconds=1) < record.at <= datetime.now(UTC)


def test_a_record_says_who_asked_which_list_and_how_many(standing: Standing) -> None:
    partner = standing.bulker
    answer = answer_of(standing.post("bulk", partner.body(*MIXED), partner))
    record = record_of(standing.journal, answer["receipt"])
    assert record.type == "check"
    assert (record.partner, record.key_id) == ("bulker", partner.kit.token_key.key_id)
    assert record.api_key == partner.kit.parsed_api_key().id
    assert (record.generation, record.seq) == (answer["list"]["generation"], 1)
    assert record.kinds == {"phone": 2, "card": 1, "email": 2}
    assert record.outcomes == {"match": 3, "no_match": 2}


def test_the_journal_names_matches_by_digest_and_holds_nothing_else_of_the_question(
    standing: Standing,
) -> None:
    partner = standing.bulker
    key = partner.kit.token_key
    tokens = [partner.token(*selector) for selector in MIXED]
    answer = answer_of(standing.post("check", partner.body(*MIXED), partner))

    digester = Digester((standing.deployment.secrets / "pepper.key").read_bytes(), key.key_id)
    record = record_of(standing.journal, answer["receipt"])
    assert record.matches == {str(row): digester.digest(tokens[row]).hex() for row in (0, 2, 4)}

    journal = bytes_below(standing.journal)
    missed = [digester.digest(tokens[row]) for row in (1, 3)]
    key_check = key.key_check()
    opening = base64.b64decode(answer["opening"])
    for secret in (*tokens, *missed, key_check, opening, key.secret, key.salt):
        for form in (secret, secret.hex().encode(), base64.b64encode(secret)):
            assert form not in journal
    assert partner.kit.api_key.encode() not in journal
    for _, value in MIXED:
        for spelling in (value, value.replace(" ", "")):
            assert spelling.encode() not in journal


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


def test_an_invalid_row_is_committed_to_as_such_and_what_it_said_is_nowhere(
    standing: Standing,
) -> None:
    body = standing.bulker.body(LISTED[0])
    body["selectors"].append({"kind": "canary-kind", "token": "canary-token"})
    answer = answer_of(standing.post("bulk", body, standing.bulker))
    record = record_of(standing.journal, answer["receipt"])
    question = [
        ("phone", base64.b64decode(body["selectors"][0]["token"]), "match"),
        ("", bytes(32), "invalid"),
    ]
    assert record.commitment == commitment(base64.b64decode(answer["opening"]), question)
    assert record.kinds == {"phone": 1}
    assert record.outcomes == {"match": 1, "invalid": 1}
    assert b"canary" not in bytes_below(standing.journal)


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


def test_messagepack_is_answered_like_json(standing: Standing) -> None:
    question = msgspec.msgpack.encode(packed(standing.bulker, *MIXED))
    response = standing.post(
        "bulk", question, standing.bulker, content_type=MSGPACK, accept=MSGPACK
    )
    assert response.status_code == 200
    assert response.headers["content-type"] == MSGPACK
    answer = msgspec.msgpack.decode(response.content)
    assert list(answer) == ["result", "results", "receipt", "opening", "list", "padding"]
    assert answer["results"] == MIXED_RESULTS
    assert isinstance(answer["padding"], bytes)
    record = record_of(standing.journal, answer["receipt"])
    tokens = [standing.bulker.token(*selector) for selector in MIXED]
    question_told = zip([kind for kind, _ in MIXED], tokens, MIXED_RESULTS, strict=True)
    assert record.commitment == commitment(base64.b64decode(answer["opening"]), question_told)


def test_a_malformed_row_in_messagepack_is_invalid_for_that_row_only(standing: Standing) -> None:
    body = packed(standing.bulker, LISTED[0], LISTED[0], UNLISTED[0], LISTED[1])
    body["selectors"][1]["token"] = bytes(31)
    body["selectors"][2]["kind"] = "passport"
    response = standing.post(
        "bulk", msgspec.msgpack.encode(body), standing.bulker, content_type=MSGPACK
    )
    assert answer_of(response)["results"] == ["match", "invalid", "invalid", "match"]


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("*/*", "application/json"),
        ("application/*", "application/json"),
        ("", "application/json"),
        ("application/json", "application/json"),
        (MSGPACK, MSGPACK),
        ("APPLICATION/MSGPACK", MSGPACK),
        (f"text/html, {MSGPACK}", MSGPACK),
        (f"{MSGPACK}, application/json", "application/json"),
        (f"{MSGPACK}, application/json;q=0.5", MSGPACK),
        (f"{MSGPACK}; q=0.1, */*; q=0.2", "application/json"),
        ("application/json;q=0, */*", MSGPACK),
        (f"{MSGPACK};q=0, application/*", "application/json"),
        ("text/html", None),
        ("*/*;q=0", None),
        ("application/json;q=0.000", None),
        (f"{MSGPACK};q=0", None),
    ],
)
@pytest.mark.parametrize("content_type", ["application/json", MSGPACK])
def test_the_answer_follows_accept_whatever_the_question_came_in(
    standing: Standing, accept: str, expected: str | None, content_type: str
) -> None:
    partner = standing.tester
    body = (
        msgspec.msgpack.encode(packed(partner, TEST_LISTED[0]))
        if content_type == MSGPACK
        else partner.body(TEST_LISTED[0])
    )
    response = standing.post("bulk", body, partner, content_type=content_type, accept=accept)
    if expected is None:
        assert response.status_code == 406
        assert response.headers["content-type"] == "application/problem+json"
    else:
        assert response.status_code == 200
        assert response.headers["content-type"] == expected


def test_a_problem_is_json_for_those_who_accept_messagepack_only_too(standing: Standing) -> None:
    response = standing.post("bulk", b"\xc1", standing.bulker, content_type=MSGPACK, accept=MSGPACK)
    assert response.status_code == 400
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["code"] == "invalid_request"


def test_parameters_of_the_media_type_are_no_matter(standing: Standing) -> None:
    body = standing.tester.body(TEST_LISTED[0])
    for content_type in ("application/json; charset=utf-8", "APPLICATION/JSON"):
        response = standing.post("check", body, standing.tester, content_type=content_type)
        assert response.status_code == 200


def test_a_token_can_be_derived_by_the_protocol_alone(standing: Standing) -> None:
    # By hand, as a partner in any language would (protocol.md, stretch "none").
    key = standing.tester.kit.token_key
    stretched = hmac.digest(key.salt, b"screening/v1/selector\0phone\0+12025550199", "sha256")
    token = hmac.digest(key.secret, b"screening/v1/token\0" + stretched, "sha256")
    row = {"kind": "phone", "token": base64.b64encode(token).decode()}
    body = standing.tester.body() | {"selectors": [row]}
    assert answer_of(standing.post("check", body, standing.tester))["results"] == ["match"]


def test_the_journal_verifies_while_it_is_written_to(standing: Standing) -> None:
    answer_of(standing.post("check", standing.tester.body(*TEST_LISTED), standing.tester))
    said = standing.deployment.run("screening", "audit", "verify").stdout
    counted = re.match(r"whole: (\d+) records", said)
    assert counted
    assert int(counted[1]) >= 1
