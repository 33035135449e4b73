"""Every known answer, through the commands and the SDK."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from screening.client.blocking import ScreeningClient
from screening.client.bulk.outcomes import TROUBLE_CODES
from screening.client.derivation import TokenSource
from screening.client.kit_file import load_kit
from screening.client.session import AsyncScreeningClient
from screening.vocabulary.errors import REJECTION_SENTENCES, NotCanonical
from screening.vocabulary.normalise import NO_REGION, normalise
from tests.client.conftest import Document, GenScreen, WriteKit

PROFILES = ["none", "light", "strong"]


@pytest.fixture
def kit_of(
    kit_document: Document, token_vectors: Document, write_kit: WriteKit
) -> Callable[[str], Path]:
    def write(profile: str) -> Path:
        kit_document["token_keys"][0]["stretch"] = token_vectors["profiles"][profile]
        return write_kit(kit_document)

    return write


def expected(case: Document) -> Document:
    return {"error": case["error"]} if "error" in case else {"canonical": case["canonical"]}


def test_normalise_jsonl_gives_every_known_answer_in_order(
    gen_screen: GenScreen, canonical_vectors: list[Document]
) -> None:
    lines = [
        {key: case[key] for key in ("kind", "raw", "region") if key in case}
        for case in canonical_vectors
    ]
    done = gen_screen(
        "normalise", "--jsonl", stdin="".join(f"{json.dumps(line)}\n" for line in lines).encode()
    )
    assert done.code == 0
    assert [json.loads(line) for line in done.out.splitlines()] == [
        expected(case) for case in canonical_vectors
    ]


def test_normalise_gives_every_known_answer_and_exit_code(
    gen_screen: GenScreen, canonical_vectors: list[Document]
) -> None:
    for case in canonical_vectors:
        region = ["--region", case["region"]] if "region" in case else []
        done = gen_screen(
            "normalise", "--kind", case["kind"], *region, "--reveal", "--", case["raw"]
        )
        if "error" in case:
            assert (done.code, done.out) == (2, ""), case
            is_unknown = case["error"] == "region_required" and bool(region)
            sentence = NO_REGION if is_unknown else REJECTION_SENTENCES[case["error"]]
            assert done.err == f"{case['error']}: {sentence}\n"
        else:
            assert (done.code, done.out) == (0, f"{case['canonical']}\n"), case
            # Others see a card's number among the arguments, and that is said.
            assert done.err.count("\n") == (case["kind"] == "card"), case


@pytest.mark.parametrize("profile", PROFILES)
def test_token_jsonl_gives_every_known_token_in_order(
    gen_screen: GenScreen, token_vectors: Document, kit_of: Callable[[str], Path], profile: str
) -> None:
    cases = [case for case in token_vectors["cases"] if case["stretch"] == profile]
    lines = [json.dumps({"kind": case["kind"], "raw": case["canonical"]}) for case in cases]
    done = gen_screen("token", "--kit", kit_of(profile), "--jsonl", stdin="\n".join(lines).encode())
    assert done.code == 0
    assert [json.loads(line)["token"] for line in done.out.splitlines()] == [
        case["token_base64"] for case in cases
    ]


def test_token_prints_a_known_token(
    gen_screen: GenScreen, token_vectors: Document, kit_of: Callable[[str], Path]
) -> None:
    kit = kit_of("none")
    for case in token_vectors["cases"]:
        if case["stretch"] == "none":
            done = gen_screen(
                "token", "--kit", kit, "--kind", case["kind"], "-", stdin=case["canonical"].encode()
            )
            assert (done.code, done.out) == (0, f"{case['token_base64']}\n")


@pytest.mark.parametrize("profile", PROFILES)
def test_token_prints_every_known_key_check(
    gen_screen: GenScreen, token_vectors: Document, kit_of: Callable[[str], Path], profile: str
) -> None:
    done = gen_screen("token", "--kit", kit_of(profile), "--key-check")
    assert (done.code, done.out) == (0, f"{token_vectors['key_checks_base64'][profile]}\n")


@pytest.mark.parametrize("profile", PROFILES)
def test_the_sdk_derives_every_known_key_check(
    token_vectors: Document, kit_of: Callable[[str], Path], profile: str
) -> None:
    source = TokenSource(load_kit(kit_of(profile)))
    assert source.key_check == token_vectors["key_checks_base64"][profile]


@pytest.mark.parametrize("profile", PROFILES)
def test_the_sdk_derives_every_known_token(
    token_vectors: Document, kit_of: Callable[[str], Path], profile: str
) -> None:
    cases = [case for case in token_vectors["cases"] if case["stretch"] == profile]

    async def derive() -> list[str]:
        async with AsyncScreeningClient.from_kit(kit_of(profile)) as client:
            tokens = await client.tokens([(case["kind"], case["canonical"]) for case in cases])
        return [token.base64() for token in tokens]

    assert asyncio.run(derive()) == [case["token_base64"] for case in cases]


def test_the_sdk_gives_every_known_rejection(
    canonical_vectors: list[Document], kit_of: Callable[[str], Path]
) -> None:
    with ScreeningClient.from_kit(kit_of("none")) as client:
        for case in canonical_vectors:
            if "error" in case:
                with pytest.raises(NotCanonical) as refused:
                    client.tokens([(case["kind"], case["raw"])], region=case.get("region"))
                assert refused.value.code == case["error"]


def test_every_rejection_code_has_a_place_in_the_resume_file() -> None:
    assert set(TROUBLE_CODES) >= set(REJECTION_SENTENCES)
    assert len(set(TROUBLE_CODES.values())) == len(TROUBLE_CODES)


@pytest.mark.usefixtures("second_normaliser")
def test_tokens_are_of_the_form_that_the_version_of_the_kit_makes(
    kit_document: Document, write_kit: WriteKit
) -> None:
    kits = [load_kit(write_kit({**kit_document, "normaliser": version})) for version in (1, 2)]
    first, second = map(TokenSource, kits)
    dotted, plain = (
        normalise("email", f"{local}@mailbox.example") for local in ("jane.doe+x", "janedoe")
    )
    assert first.token(dotted) != first.token(plain) == second.token(plain)
    assert second.token(dotted) == second.token(plain)
    assert first.key_check != second.key_check
