"""What is recorded of a question, and that it is there when the answer arrives."""

import base64
import re
from datetime import UTC, datetime, timedelta

from screening.vocabulary.tokens import Digester
from tests.api.journal_records import bytes_below, digests_of, record_of
from tests.api.questions import MIXED, answer_of
from tests.api.standing import LISTED, TEST_LISTED, Standing
from tests.harness.reading import commitment


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


def test_the_journal_holds_sealed_matches_and_nothing_else_of_the_question(
    standing: Standing,
) -> None:
    partner = standing.bulker
    key = partner.kit.token_key
    tokens = [partner.token(*selector) for selector in MIXED]
    answer = answer_of(standing.post("check", partner.body(*MIXED), partner))

    digester = Digester((standing.deployment.secrets / "pepper.key").read_bytes(), key.key_id)
    record = record_of(standing.journal, answer["receipt"])
    digests = [digester.digest(token) for token in tokens]
    opened = digests_of(record, standing.deployment.disclosure)
    assert opened == {str(row): digests[row] for row in (0, 2, 4)}

    journal = bytes_below(standing.journal)
    key_check = partner.kit.key_check()
    opening = base64.b64decode(answer["opening"])
    for secret in (*tokens, *digests, key_check, opening, key.secret, key.salt):
        for form in (secret, secret.hex().encode(), base64.b64encode(secret)):
            assert form not in journal
    assert partner.kit.api_key.encode() not in journal
    for _, value in MIXED:
        for spelling in (value, value.replace(" ", "")):
            assert spelling.encode() not in journal


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


def test_the_journal_verifies_while_it_is_written_to(standing: Standing) -> None:
    answer_of(standing.post("check", standing.tester.body(*TEST_LISTED), standing.tester))
    said = standing.deployment.run("screening", "audit", "verify").stdout
    counted = re.match(r"whole: (\d+) records", said)
    assert counted
    assert int(counted[1]) >= 1
