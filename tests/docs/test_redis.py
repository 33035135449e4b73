"""`docs/redis.md`: its example runs on a real Valkey, and its tables say what the code says."""

import math
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from screening.generations.attestation import ATTESTATION_MAX_BYTES
from screening.generations.bloom import HEADER_BYTES
from screening.generations.buckets import table_bytes
from screening.generations.manifest import MANIFEST_MAX_BYTES, Files, Head, Manifest
from screening.generations.records import RECORD_BYTES
from screening.registry.notices import NOTICES_MAX_BYTES, Notice, NoticesHead
from screening.registry.record import ApiKeyRecord, PartnerRecord
from screening.store import keys
from screening.store.documents import DOCUMENTS_MAX_BYTES
from tests.docs.session import ROOT, blocks_of, cells_of_table, is_shown, printed_by_each
from tests.harness.deployment import Deployed
from tests.harness.valkey import Valkey

PAGE: Final = ROOT / "docs/redis.md"
BLOCKS: Final = blocks_of(PAGE)
MEASURED: Final = 5_000


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[str]]:
    """Run the example once, from an empty folder, with an empty Valkey."""
    server = Valkey(tmp_path_factory.mktemp("vk"))
    folder = tmp_path_factory.mktemp("redis")
    try:
        yield printed_by_each(BLOCKS, folder, SCREENING_REDIS_URL=server.url)
    finally:
        server.kill()


@pytest.mark.parametrize("number", range(len(BLOCKS)))
@pytest.mark.slow
def test_each_block_prints_what_the_page_shows(printed: list[str], number: int) -> None:
    assert is_shown(BLOCKS[number].shown or "", printed[number]), printed[number]


@pytest.mark.slow
def test_a_look_up_by_hand_tells_to_the_minute_until_when_a_selector_is_listed(
    printed: list[str],
) -> None:
    said = r"^[0-9a-f]{32} a88d60 in bucket 0 - listed before 2041-01-01 00:00:00$"
    assert re.search(said, printed[2], re.MULTILINE)


def test_the_table_of_keys_has_every_key_that_is_spelled_with_its_type() -> None:
    named = {row[0].strip("`"): row[1] for row in cells_of_table(PAGE, "key")}
    place = ("<key_id>", "<generation>")
    strings = (
        keys.manifest(*place),
        keys.table(*place),
        keys.overlay(*place, "<sha256>"),
        keys.notices_of("<partner>"),
        keys.host("<host>"),
        keys.rate("<partner>"),
        keys.sketch("<partner>", "<budget>", 0).replace(":0", ":<day>"),
        keys.hold("<partner>", 0).replace(":0", ":<since>"),
        keys.throttle("<partner>", 0).replace(":0", ":<since>"),
        keys.suspected("<partner>", 0, "canary_matched").replace(
            ":0:canary_matched", ":<since>:<what>"
        ),
        keys.answered("<partner>", 0, 0).replace(":0:0", ":<since>:<day>"),
        keys.spent("<partner>", 0, 0).replace(":0:0", ":<since>:<day>"),
        keys.key_use("<id>"),
        keys.key_rate("<id>"),
        keys.ROOM_FOR_A_SKETCH,
        *(name(*place, 0).replace(":0", ":<n>") for name in (keys.filter_piece, keys.bucket)),
    )
    hashes = (
        keys.HEADS,
        keys.PARTNERS,
        keys.NOTICES,
        keys.leases("<partner>", "<budget>", 0).replace(":0", ":<day>"),
        keys.used("<budget>", 0).replace(":0", ":<day>"),
        keys.usage("<partner>", 0, 0).replace(":0:0", ":<since>:<day>"),
    )
    assert named == {**dict.fromkeys(hashes, "hash"), **dict.fromkeys(strings, "string")}


@pytest.mark.parametrize(
    "document", [Head, PartnerRecord, ApiKeyRecord, Manifest, Files, NoticesHead, Notice]
)
def test_every_member_of_a_document_is_on_the_page(document: type[Head]) -> None:
    page = PAGE.read_text()
    assert [name for name in document.__struct_fields__ if f"`{name}`" not in page] == []


def test_the_sizes_on_the_page_are_those_of_the_code() -> None:
    page = PAGE.read_text()
    for said in (
        f"**Record**, {RECORD_BYTES} bytes",
        f"empty ones too, {table_bytes(0)} bytes",
        f"a header of {HEADER_BYTES} bytes",
        f"| {DOCUMENTS_MAX_BYTES >> 20} MiB as `MEMORY USAGE` counts |",
        f"| manifest | {MANIFEST_MAX_BYTES >> 10} KiB |",
        f"| `notices:<partner>` | {math.ceil(NOTICES_MAX_BYTES / 1024)} KiB",
        f"| {ATTESTATION_MAX_BYTES >> 20} MiB each, 1,000 hosts |",
    ):
        assert said in page, said


def test_the_users_on_the_page_are_those_of_the_template() -> None:
    template = (ROOT / "deploy/users.acl.template").read_text()
    users = [line for line in template.splitlines() if line.startswith("user ")]
    assert "\n".join(users) in PAGE.read_text()


@pytest.mark.slow
def test_the_memory_of_a_selector_is_what_the_page_says(tmp_path: Path, valkey: Valkey) -> None:
    deployment = Deployed(tmp_path, redis_url=valkey.url)
    deployment.indexer("init")
    rows = [("email", f"name{n}@listed.example", "trafficker") for n in range(MEASURED)]
    deployment.publish(rows)
    deployment.add_partner("acme", "--stretch", "none", "--allow-unstretched")
    used: Counter[str] = Counter()
    with valkey.client() as client:
        for key in client.scan_iter(keys.every_key_of("*"), count=1_000):
            used[key.decode().split(":")[3]] += client.memory_usage(key, samples=0) or 0
    measured = {part: size / MEASURED for part, size in used.items()}
    said = {row[0]: float(row[1]) for row in cells_of_table(PAGE, "part")}
    named = {"filter": "filter", "buckets": "bucket", "table": "table", "manifest": "manifest"}
    assert {named[part]: figure for part, figure in said.items()} == pytest.approx(
        measured, rel=0.05, abs=0.06
    ), measured
