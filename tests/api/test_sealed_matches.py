"""What matched stands sealed in the files of a real journal, and only the private half opens it."""

import base64
import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import httpx
import pytest

from screening.api.journal import CheckRecord
from screening.disclosure.boxes import BOX_BYTES, Match
from screening.disclosure.keys import PUBLIC_HALVES, read_public_halves
from screening.disclosure.opening import PrivateHalf, read_private_halves
from screening.vocabulary.tokens import Digester
from tests.api.journal_records import bytes_below, checks_in, digests_of, opened, record_of
from tests.api.questions import answer_of
from tests.api.standing import LISTED, TEST_LISTED, UNLISTED, Standing
from tests.harness.deployment import Deployed, Partner, deployed_beside_valkey
from tests.harness.processes import eventually
from tests.harness.template import Template

ASKED: Final = (LISTED[0], UNLISTED[0], LISTED[2], LISTED[3])


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory, template: Template) -> Iterator[Deployed]:
    """A deployment that tests may change."""
    with deployed_beside_valkey(tmp_path_factory, template) as (deployed, _):
        deployed.publish([(*LISTED[0], "trafficker")])
        yield deployed


@pytest.fixture(scope="module")
def partner(own: Deployed) -> Partner:
    return own.add_partner("acme", "--stretch", "light")


def digests_asked(deployment: Deployed, partner: Partner, *asked: tuple[str, str]) -> list[bytes]:
    pepper = (deployment.secrets / "pepper.key").read_bytes()
    digester = Digester(pepper, partner.kit.token_key.key_id)
    return [digester.digest(partner.token(*one)) for one in asked]


def require_hidden(journal: Path, digests: list[bytes]) -> None:
    """Fail where a digest, or the half of one, stands in any file below a folder."""
    content = bytes_below(journal)
    for digest in digests:
        for part in (digest, digest[:8], digest[8:]):
            assert part not in content
            assert part.hex().encode() not in content.lower()
        assert base64.b64encode(digest).rstrip(b"=")[:-1] not in content


@pytest.mark.parametrize("route", ["check", "bulk"])
def test_no_digest_of_a_match_stands_in_a_segment_and_the_private_half_opens_each(
    standing: Standing, route: str
) -> None:
    partner, deployment = standing.bulker, standing.deployment
    answer = answer_of(standing.post(route, partner.body(*ASKED), partner))
    digests = digests_asked(deployment, partner, *ASKED)
    require_hidden(standing.journal, digests)
    record = record_of(standing.journal, answer["receipt"])
    matches = opened(record, *read_private_halves(deployment.disclosure))
    key_id, generation = partner.kit.token_key.key_id, answer["list"]["generation"]
    assert matches == {
        str(row): Match(digests[row], ASKED[row][0], key_id, generation) for row in (0, 2, 3)
    }
    assert {len(box) for box in record.matches.values()} == {BOX_BYTES}


def test_matches_of_test_keys_are_sealed_too(standing: Standing) -> None:
    partner = standing.tester
    answer = answer_of(standing.post("check", partner.body(*TEST_LISTED), partner))
    digests = digests_asked(standing.deployment, partner, *TEST_LISTED)
    require_hidden(standing.journal, digests)
    record = record_of(standing.journal, answer["receipt"])
    found = digests_of(record, standing.deployment.disclosure)
    assert found == {str(row): digest for row, digest in enumerate(digests)}


def test_a_record_without_matches_names_no_key(standing: Standing) -> None:
    answer = answer_of(standing.post("check", standing.bulker.body(*UNLISTED), standing.bulker))
    record = record_of(standing.journal, answer["receipt"])
    assert (record.matches, record.sealed) == ({}, None)
    assert b'"sealed"' not in line_of(standing.journal, answer["receipt"])


def line_of(journal: Path, receipt: str) -> bytes:
    (line,) = [line for line in bytes_below(journal).splitlines() if receipt.encode() in line]
    return line


def test_no_two_boxes_of_a_host_were_sealed_with_one_key_and_number_and_row(
    standing: Standing,
) -> None:
    partner = standing.bulker
    for _ in range(20):  # whichever workers answer
        answer_of(standing.post("check", partner.body(*ASKED), partner))
    places = [
        (record.sealed.key, record.sealed.number, row)
        for record in checks_in(standing.journal)
        if record.sealed is not None
        for row in record.matches
    ]
    assert len(places) == len(set(places)) >= 60


def test_a_killed_worker_leaves_matches_that_open_and_another_seals_with_its_own_key(
    own: Deployed, partner: Partner
) -> None:
    api = own.serve()
    eventually(lambda: is_match(partner.ask(api, LISTED[0])), what="the list")
    before = partner.ask(api, LISTED[0]).json()["receipt"]
    (pid,) = api.worker_pids()
    os.kill(pid, signal.SIGKILL)
    eventually(lambda: api.worker_pids() not in ([], [pid]), what="another worker")
    eventually(lambda: is_match(asked_again(partner, api.url)), what="the list again")
    after = partner.ask(api, LISTED[0]).json()["receipt"]
    (digest,) = digests_asked(own, partner, LISTED[0])
    older, newer = (record_of(own.home / "journal", receipt) for receipt in (before, after))
    for record in (older, newer):
        assert digests_of(record, own.disclosure) == {"0": digest}
    assert key_of(older) != key_of(newer)
    api.stop()


def is_match(answer: httpx.Response | None) -> bool:
    return answer is not None and answer.json().get("results") == ["match"]


def asked_again(partner: Partner, url: str) -> httpx.Response | None:
    try:
        body = partner.body(LISTED[0])
        return httpx.post(f"{url}/v1/check", json=body, headers=partner.headers, timeout=10)
    except httpx.HTTPError:  # while no worker is there
        return None


def key_of(record: CheckRecord) -> bytes:
    assert record.sealed is not None
    return record.sealed.key


@pytest.mark.slow
def test_a_server_seals_to_the_newest_key_and_the_halves_of_both_open_what_is_theirs(
    own: Deployed, partner: Partner
) -> None:
    (first,) = read_private_halves(own.disclosure)
    receipts = [asked_of_a_server(own, partner)]
    said = own.indexer("rotate", "disclosure").stdout
    assert "move it to the host of the authorised channel" in said
    first_id, second_id = (key.id for key in read_public_halves(own.secrets / PUBLIC_HALVES))
    assert first_id == first.key.id
    assert f"disclosure-{second_id}.key" in said
    receipts.append(asked_of_a_server(own, partner))
    halves = {half.key.id: half for half in read_private_halves(own.disclosure)}
    (digest,) = digests_asked(own, partner, LISTED[0])
    records = [record_of(own.home / "journal", receipt) for receipt in receipts]
    for record, to in zip(records, (first_id, second_id), strict=True):
        assert record.sealed is not None
        assert record.sealed.to == to
        assert digest_in(record, halves[to]) == digest
        for other in halves.keys() - {to}:
            assert digest_in(record, halves[other]) is None


def digest_in(record: CheckRecord, half: PrivateHalf) -> bytes | None:
    match = opened(record, half)["0"]
    return match.digest if match is not None else None


def asked_of_a_server(own: Deployed, partner: Partner) -> str:
    api = own.serve()
    eventually(lambda: is_match(partner.ask(api, LISTED[0])), what="the list")
    receipt: str = partner.ask(api, LISTED[0]).json()["receipt"]
    api.stop()
    return receipt


@pytest.mark.parametrize("content", [None, b"", b"0123456789abcdef AAAA\n"])
def test_a_host_without_a_disclosure_key_is_refused_before_the_port_is_bound(
    own: Deployed, tmp_path: Path, content: bytes | None
) -> None:
    secrets = tmp_path / "secrets"
    shutil.copytree(own.secrets, secrets)
    public = secrets / PUBLIC_HALVES
    public.unlink()
    if content is not None:
        public.touch(mode=0o600)
        public.write_bytes(content)
    said: Any = own.forked(
        *("serve", "--port", "0", "--metrics-port", "0"),
        command="screening",
        SCREENING_SECRETS=str(secrets),
    )
    assert (said.code, len(said.output.splitlines())) == (2, 1), said.output
    wanted = "run `indexer init`" if content is None else "bring it again from the indexer"
    assert f"{public} is" in said.output
    assert wanted in said.output
    assert "screening on http" not in said.output
