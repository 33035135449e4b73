"""The indexer derives what the vectors say: from a row of a file to the digests of an index."""

import base64
import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from indexer.index.build import Order, build_generation, stretch_missing
from indexer.keyring import KeptTokenKey
from indexer.list.drafts import stage
from indexer.list.file import ListFile
from indexer.sealing import Sealer
from indexer.stretching import Stretching
from screening.generations.records import unpack_records
from screening.importers.csv_rows import CuratedFile, entry_of
from screening.importers.entry import Entry
from screening.vocabulary.tokens import STRETCH_PROFILES
from tests.indexer.listed import NO_LIFETIMES, drafted, listed, taken
from tests.indexer.silent import Silent

VECTORS = Path(__file__).parents[1] / "vectors"
CANONICAL = json.loads((VECTORS / "canonical.json").read_text())["cases"]
TOKENS = json.loads((VECTORS / "tokens.json").read_text())
NOW = 1_800_000_000


@pytest.fixture
def list_file(tmp_path: Path) -> Iterator[ListFile]:
    file = ListFile(tmp_path / "list.sqlite", Sealer(bytes(32)), lambda: NOW)
    yield file
    file.close()


@pytest.mark.parametrize("case", CANONICAL, ids=lambda case: f"{case['kind']}-{case['raw'][:16]!a}")
def test_a_row_of_a_file_is_canonicalised_or_refused_as_the_vector_says(
    case: dict[str, Any],
) -> None:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(("kind", "value", "role", "region"))
    writer.writerow((case["kind"], case["raw"], "trafficker", case.get("region", "")))
    file = CuratedFile(io.BytesIO(text.getvalue().encode()), file="vectors.csv")
    (row,) = map(entry_of, file)
    if isinstance(row, Entry):
        assert row.canonical.text == case["canonical"]
    else:
        assert row.code == case["error"]


@pytest.mark.parametrize("profile", TOKENS["profiles"])
def test_an_index_holds_exactly_the_digests_that_the_vectors_say(
    profile: str, list_file: ListFile
) -> None:
    cases = [case for case in TOKENS["cases"] if case["stretch"] == profile]
    salt = base64.b64decode(TOKENS["salt_base64"])
    revision = _publish(list_file, cases)
    resolved = listed(list_file, revision)
    stretching = Stretching(1, salt, STRETCH_PROFILES[profile])
    slow_hashes = stretch_missing(list_file, resolved, stretching, Silent())
    key = KeptTokenKey(
        normaliser=1,
        key_id=TOKENS["key_id"],
        secret=base64.b64decode(TOKENS["secret_base64"]),
        salt=salt,
        stretch=STRETCH_PROFILES[profile],
    )
    artefacts = build_generation(
        slow_hashes.shares(resolved, size=2),
        resolved.count,
        Order(token_key=key, mode="live", seq=revision, build=1, built_at=NOW),
        pepper=base64.b64decode(TOKENS["pepper_base64"]),
        progress=Silent(),
    )
    digests = {digest.hex() for digest, _ in unpack_records(artefacts.records)}
    assert digests == {case["index_digest_hex"] for case in cases}
    check = base64.b64encode(artefacts.manifest.key_check).decode()
    assert check == TOKENS["key_checks_base64"][profile]


def _publish(list_file: ListFile, cases: list[dict[str, str]]) -> int:
    rows = "".join(f"{case['kind']},{case['canonical']},trafficker\n" for case in cases)
    file = CuratedFile(io.BytesIO(f"kind,value,role\n{rows}".encode()), file="vectors.csv")
    entries = [row for row in map(entry_of, file) if isinstance(row, Entry)]
    assert len(entries) == len(cases)
    return taken(stage(list_file, drafted(entries, key=bytes(32)), NO_LIFETIMES))
