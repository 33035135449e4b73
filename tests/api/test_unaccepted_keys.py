"""Every API key that is not accepted gets one identical answer."""

import base64
import zlib

import httpx

from screening.vocabulary.api_key import new_api_key
from tests.api.raw_http import Connection, latin_headers, request_head
from tests.api.refusals import require_problem
from tests.api.standing import LISTED, Standing, encode
from tests.harness.deployment import Partner


def with_checksum(start: str) -> str:
    return f"{start}_{zlib.crc32(start.encode()):08x}"


def strange_keys(partner: Partner) -> dict[str, str | None]:
    """Return Authorization headers that are wrong in every way there is."""
    text = partner.kit.api_key
    mode, key_id, secret = text.split("_")[1:4]
    other_secret = secret[:-1] + ("a" if secret[-1] != "a" else "b")
    other_crc = text[:-1] + ("0" if text[-1] != "0" else "1")
    other_mode = "test" if mode == "live" else "live"
    return {
        "missing": None,
        "empty": "",
        "scheme alone": "Bearer",
        "another scheme": f"Basic {base64.b64encode(text.encode()).decode()}",
        "no scheme": text,
        "malformed": "Bearer gsk_live_short",
        "garbage": "Bearer \xff\xfe{}[]",
        "too long": "Bearer " + "a" * 4_000,
        "unknown": f"Bearer {new_api_key('live').text}",
        "unknown, test": f"Bearer {new_api_key('test').text}",
        "wrong checksum": f"Bearer {other_crc}",
        "wrong secret": f"Bearer {with_checksum(f'gsk_{mode}_{key_id}_{other_secret}')}",
        "wrong mode": f"Bearer {with_checksum(f'gsk_{other_mode}_{key_id}_{secret}')}",
        "upper case": f"Bearer {text.upper()}",
        "two spaces": f"Bearer  {text}",
        "something behind": f"Bearer {text} x",
        "twice": f"Bearer {text}, Bearer {text}",
    }


def test_every_key_that_is_not_accepted_gets_one_identical_answer(standing: Standing) -> None:
    body = encode(standing.checker.body(LISTED[0]))
    answers = set()
    for what, authorization in strange_keys(standing.checker).items():
        headers = {"content-type": "application/json"}
        if authorization is not None:
            headers["authorization"] = authorization
        for response in (
            standing.client.post("/v1/check", content=body, headers=latin_headers(headers)),
            standing.client.post("/v1/bulk", content=body, headers=latin_headers(headers)),
            standing.client.get("/v1/parameters", headers=latin_headers(headers)),
        ):
            assert response.status_code == 401, what
            require_problem(response, 401, "unauthenticated")
            assert response.headers["www-authenticate"] == "Bearer"
            answers.add((response.content, _but_id_and_date(response)))
    assert len(answers) == 1


def test_the_scheme_is_read_in_any_case(standing: Standing) -> None:
    for scheme in ("bearer", "BEARER"):
        headers = {"authorization": f"{scheme} {standing.checker.kit.api_key}"}
        assert standing.client.get("/v1/parameters", headers=headers).status_code == 200


def test_a_key_sent_twice_is_refused(standing: Standing) -> None:
    # A proxy before us may have looked at the other one.
    authorization = standing.checker.headers["authorization"]
    headers = [
        ("authorization", "Bearer x"),
        ("authorization", authorization),
        ("content-type", "application/json"),
    ]
    body = encode(standing.checker.body(LISTED[0]))
    for sent in (headers, headers[1::-1] + headers[2:]):
        for response in (
            standing.client.post("/v1/check", content=body, headers=sent),
            standing.client.get("/v1/parameters", headers=sent),
        ):
            require_problem(response, 401, "unauthenticated")


def test_white_space_around_a_key_is_no_part_of_it(standing: Standing) -> None:
    spaced = f" \t{standing.checker.headers['authorization']} \t "
    head = request_head("GET", "/v1/parameters", {"Authorization": spaced})
    with Connection(standing.api.url) as connection:
        connection.send(head)
        assert connection.response().status == 200


def test_who_is_not_known_learns_nothing_of_their_body(standing: Standing) -> None:
    for body in (b"", b"{", b"x" * 100_000):
        require_problem(standing.post("check", body, None), 401, "unauthenticated")


def _but_id_and_date(response: httpx.Response) -> tuple[tuple[str, str], ...]:
    return tuple(
        (name, value)
        for name, value in response.headers.items()
        if name not in ("x-request-id", "date")
    )
