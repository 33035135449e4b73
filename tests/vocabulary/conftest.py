"""The vectors that all parties share, and a kit made of their secret and salt."""

import json
from pathlib import Path
from typing import Any, cast

import pytest

from screening.vocabulary.api_key import new_api_key

VECTORS = Path(__file__).parents[1] / "vectors"

Document = dict[str, Any]

# The test modules make their parameters of these when they are collected, before any fixture.
CANONICAL_CASES = cast(
    "list[Document]", json.loads((VECTORS / "canonical.json").read_text())["cases"]
)
TOKENS = cast("Document", json.loads((VECTORS / "tokens.json").read_text()))


@pytest.fixture(scope="session")
def kit_document() -> Document:
    """Stretch `none`, so that deriving costs nothing; never change it, copy it."""
    return {
        "format": "screening-kit/1",
        "partner": "acme",
        "api_url": "https://screening.test",
        "api_key": new_api_key("test").text,
        "protocol": "screening/v1",
        "normaliser": 1,
        "token_keys": [
            {
                "key_id": TOKENS["key_id"],
                "secret": TOKENS["secret_base64"],
                "salt": TOKENS["salt_base64"],
                "stretch": TOKENS["profiles"]["none"],
            }
        ],
    }
