"""Canaries - selectors, tokens, keys - are sent down every path and then searched for everywhere.

What a partner or a curator keeps for themselves (kits, lists, files to screen) lies in a folder
apart, and is not searched; nor are the folders of keys. Everything else is: logs, outputs, metrics,
error answers, every key and value in Redis and its file, journal, cache, allowances, the indexer's
home.
"""

import base64
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from screening.vocabulary.tokens import Digester
from tests.boundaries.canaries import (
    LATER,
    LISTED,
    REFUSED,
    UNLISTED,
    VICTIM,
    Canaries,
    Places,
)
from tests.harness import plain_http
from tests.harness.deployment import Api, Deployed, Partner
from tests.harness.metrics import metrics_folder_of
from tests.harness.processes import eventually
from tests.harness.template import Template
from tests.harness.valkey import Valkey


@dataclass(frozen=True)
class Searched:
    places: Places
    canaries: Canaries
    key_id: str
    receipt: str
    keyring: dict[str, bytes]
    digests: list[bytes]
    """Of what matched."""


@pytest.fixture(scope="module")
def searched(tmp_path_factory: pytest.TempPathFactory, template: Template) -> Iterator[Searched]:
    valkey = Valkey(tmp_path_factory.mktemp("vk"))
    deployed = Deployed(tmp_path_factory.mktemp("leaks"), redis_url=valkey.url, template=template)
    try:
        yield _send_canaries_everywhere(deployed, valkey)
    finally:
        deployed.close()
        valkey.kill()


def _send_canaries_everywhere(deployed: Deployed, valkey: Valkey) -> Searched:
    places, canaries = Places(), Canaries()
    for kind, raw in (*LISTED, *UNLISTED, VICTIM, LATER, *REFUSED):
        canaries.selector(kind, raw)
    own = deployed.folder / "own"
    own.mkdir(mode=0o700)

    _command(places, deployed, "indexer", "init")
    curated = _write_list(own, "curated.csv", *LISTED)
    report = str(deployed.folder / "report.csv")
    _command(places, deployed, "indexer", "publish", curated, "--report", report, expect=3)
    acme = _add_partner(places, canaries, deployed, "acme", "--scopes", "check,bulk")
    _add_partner(places, canaries, deployed, "probe", "--test")
    api = deployed.serve(workers=1)
    eventually(lambda: acme.ask(api, LISTED[0]).status_code == 200, what="the list")
    _ask_by_command(places, deployed, acme, api)
    receipt = _ask_well(places, canaries, acme, api)
    _ask_badly(places, acme, api)
    _publish_and_die(deployed, _write_list(own, "later.csv", *LISTED, LATER))
    places.add_files("the indexer's home, after a kill", deployed.indexer_home, but="keyring")
    _command(places, deployed, "indexer", "publish", _write_list(own, "l.csv", LATER), expect=4)
    _command(places, deployed, "indexer", "status")
    _command(places, deployed, "indexer", "rollback", expect=2)
    _command(places, deployed, "screening", "audit", "verify")

    places.add("report.csv", Path(report).read_bytes())
    places.add_redis(valkey)
    _add_host(places, deployed, api)
    keyring = {p.name: p.read_bytes() for p in (deployed.indexer_home / "keyring").glob("*.key")}
    keyring |= {p.name: p.read_bytes() for p in deployed.disclosure.glob("*.key")}
    key_id = acme.kit.token_key.key_id
    digester = Digester(keyring["pepper.key"], key_id)
    digests = [bytes(digester.digest(acme.token(*one))) for one in LISTED]
    return Searched(places, canaries, key_id, receipt, keyring, digests)


def _add_host(places: Places, deployed: Deployed, api: Api) -> None:
    places.add("metrics", plain_http.get(api.metrics_url).content)
    places.add_files("metrics files", metrics_folder_of(api))
    api.stop()
    places.add("the API's log", api.process.logged())
    places.add_files("the API's home", deployed.home)
    places.add_files("the indexer's home", deployed.indexer_home, but="keyring")


def _add_partner(
    places: Places, canaries: Canaries, deployed: Deployed, name: str, *options: str
) -> Partner:
    kit = str(deployed.folder / "own" / f"{name}.kit.json")
    arguments = ["--kit", kit, "--api-url", "http://127.0.0.1:1", *options]
    _command(places, deployed, "indexer", "partner", "add", name, *arguments)
    canaries.partner(partner := Partner(Path(kit)))
    return partner


def _write_list(folder: Path, name: str, *rows: tuple[str, str]) -> str:
    path = folder / name
    lines = [f"{kind},{raw},trafficker" for kind, raw in (*rows, *REFUSED)]
    lines += [f"{VICTIM[0]},{VICTIM[1]},victim", f"phone,{VICTIM[1]},canary0192837"]
    lines += [f'phone,"{UNLISTED[0][1]}', f"{UNLISTED[2][1]},{UNLISTED[1][1]},,,,"]
    path.write_text("\n".join(["kind,value,role", *lines]) + "\n")
    return str(path)


def _command(
    places: Places, deployed: Deployed, command: str, *arguments: str, expect: int = 0
) -> None:
    done = deployed.run(command, *arguments, expect=expect)
    places.add(f"output of {command}", done.stdout + done.stderr)


def _ask_by_command(places: Places, deployed: Deployed, partner: Partner, api: Api) -> None:
    """Ask with gen-screen, whose output shows the partner what it asked, but no whole card."""
    kit = deployed.folder / "own" / "asking.kit.json"
    document = json.loads(partner.kit_path.read_bytes())
    kit.touch(mode=0o600)
    kit.write_text(json.dumps({**document, "api_url": api.url}))
    asked = [f"{kind}:{raw}" for kind, raw in (*LISTED, *UNLISTED) if kind != "card"]
    done = deployed.run("gen-screen", "check", "--kit", str(kit), *asked, expect=10)
    places.add("stderr of gen-screen", done.stderr)
    for kind, raw in (LISTED[1], UNLISTED[1], *REFUSED):
        for command in (
            ("check", "--kit", str(kit), f"{kind}:-"),
            ("normalise", "--kind", kind, "-"),
        ):
            done = deployed.run("gen-screen", *command, stdin=raw, expect=None)
            places.add("output of gen-screen about cards and what it refuses", done.stdout)
            places.add("stderr of gen-screen", done.stderr)
    source = deployed.folder / "own" / "customers.csv"
    rows = "".join(f"{kind},{raw}\n" for kind, raw in (*LISTED, *UNLISTED, *REFUSED))
    source.write_text("kind,value\n" + rows)
    done = deployed.run(
        "gen-screen", "bulk", "--kit", str(kit), str(source), "-o", f"{source}.out", expect=None
    )
    places.add("output of gen-screen bulk", done.stdout + done.stderr)


def _ask_well(places: Places, canaries: Canaries, partner: Partner, api: Api) -> str:
    for route in ("check", "bulk"):
        answer = partner.ask(api, *LISTED, *UNLISTED, route=route)
        assert answer.json()["results"] == ["match"] * 3 + ["no_match"] * 3
        canaries.secret(f"opening of a {route}", base64.b64decode(answer.json()["opening"]))
        places.add("headers of answers", str(answer.headers.raw))
    return str(answer.json()["receipt"])


def _ask_badly(places: Places, partner: Partner, api: Api) -> None:
    """Put canaries where they do not belong: in every member, header, path and method."""
    good = partner.body(LISTED[0])
    token = good["selectors"][0]["token"]
    with plain_http.client(base_url=api.url, headers=partner.headers, timeout=10) as client:
        for canary in (*(raw for _, raw in (*LISTED, *REFUSED)), token, partner.kit.api_key):
            for body in _bad_bodies(good, canary):
                for route in ("/v1/check", "/v1/bulk"):
                    _add_answer(places, client.post(route, content=body))
                    _add_answer(
                        places,
                        client.post(
                            route, content=body, headers={"content-type": "application/json"}
                        ),
                    )
            for headers in _bad_headers(canary):
                _add_answer(places, client.post("/v1/check", json=good, headers=headers))
            _add_answer(places, client.get("/v1/parameters", params={canary: canary}))
            _add_answer(places, client.get(f"/v1/{canary}"))
            _add_answer(places, client.request("PUT", "/v1/check", content=canary))
    _add_answer(places, plain_http.get(f"{api.url}/v1/parameters", headers=partner.headers))


def _bad_bodies(good: Mapping[str, Any], canary: str) -> Iterator[bytes]:
    selector = good["selectors"][0]
    variants: list[Any] = [
        canary,
        {**good, canary: canary},
        {**good, "key_id": canary},
        {**good, "key_id": re.sub(r"[^a-z0-9]", "", canary.lower())[:32]},
        {**good, "key_check": canary},
        {**good, "selectors": canary},
        {**good, "selectors": [canary]},
        {**good, "selectors": [{**selector, "kind": canary}]},
        {**good, "selectors": [{**selector, "token": canary}]},
        {**good, "selectors": [{**selector, canary: canary}]},
    ]
    for variant in variants:
        yield json.dumps(variant).encode()
    yield canary.encode()
    yield json.dumps(good).encode()[:-2] + canary.encode() + b"\xff"


def _bad_headers(canary: str) -> Iterator[dict[str, str]]:
    value = canary.encode("ascii", "replace").decode()
    names = ("x-request-id", "user-agent", "accept", "content-type", "cookie", "traceparent")
    for name in (*names, "authorization", "accept-encoding", "host"):
        yield {name: value}
    yield {"authorization": f"Bearer {value}"}
    yield {"authorization": f"Bearer gsk_live_{value}"}
    yield {re.sub(r"[^a-zA-Z0-9]", "-", value): "1"}


def _add_answer(places: Places, answer: httpx.Response) -> None:
    assert answer.status_code < 500
    if answer.status_code != 200:
        places.add("error bodies", answer.content)
    places.add("headers of answers", str(answer.headers.raw))


def _publish_and_die(deployed: Deployed, path: str) -> None:
    """Die with entries and slow hashes in the list file's write-ahead log."""
    for step in (12, 18):
        assert deployed.forked("publish", path, kill_before=step).was_killed


def test_no_canary_is_found_anywhere(searched: Searched) -> None:
    lowered = Places({name: content.lower() for name, content in searched.places.contents.items()})
    found = {
        name: where
        for name, needle in searched.canaries.needles.items()
        if (where := lowered.holding(needle))
    }
    assert found == {}


def test_no_key_of_the_keyring_is_found_anywhere(searched: Searched) -> None:
    assert len(searched.keyring) == 5  # with the private half of the disclosure key
    for name, key in searched.keyring.items():
        assert searched.places.holding(key) == [], name


def test_a_digest_that_matched_is_found_where_indexes_are_and_nowhere_else(
    searched: Searched,
) -> None:
    for digest in searched.digests:
        where = searched.places.holding(digest)
        assert any(name.startswith("the API's home: cache/") for name in where)
        assert all("cache/" in name or name.startswith("Redis") for name in where)
        for form in (digest.hex().encode(), base64.b64encode(digest)[:-3]):
            assert searched.places.holding(form) == []


@pytest.mark.parametrize(
    "place",
    [
        "Redis",
        "Redis's files: ",
        "Redis's log",
        "metrics",
        "metrics files: ",
        "error bodies",
        "headers of answers",
        "the API's log",
        "the API's home: journal/",
        "the API's home: cache/",
        "the API's home: allowance/",
        "the indexer's home: list.sqlite",
        "the indexer's home, after a kill: list.sqlite-wal",
        "the indexer's home: ledger/",
        "output of indexer",
        "output of screening",
        "stderr of gen-screen",
        "output of gen-screen bulk",
        "report.csv",
    ],
)
def test_the_search_has_looked_into_every_place(searched: Searched, place: str) -> None:
    looked = [c for name, c in searched.places.contents.items() if name.startswith(place)]
    assert sum(len(content.strip()) for content in looked) > 0


def test_the_search_finds_what_does_stand_there(searched: Searched) -> None:
    places = searched.places
    assert any("journal" in name for name in places.holding(searched.receipt.encode()))
    assert {"Redis", "metrics"} <= set(places.holding(searched.key_id.encode()))
    assert "error bodies" in places.holding(b"invalid_request")
    assert "report.csv" in places.holding(b"bad_checksum")
