"""Signatures as Standard Webhooks 1.0.0 has them; secrets that are refused, and never shown."""

import json
from pathlib import Path

import pytest

from screening.api.alerts.signature import read_secrets
from screening.vocabulary.errors import OperatorError

VECTOR = json.loads((Path(__file__).parents[2] / "vectors/webhooks.json").read_text())
OTHER = "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"


def secret_file(folder: Path, content: str) -> Path:
    path = folder / "webhook.secret"
    path.write_text(content)
    path.chmod(0o600)
    return path


def test_a_signature_is_that_of_the_specifications_vector(tmp_path: Path) -> None:
    secrets = read_secrets(secret_file(tmp_path, VECTOR["secret"] + "\n"))
    headers = secrets.headers(VECTOR["id"], VECTOR["timestamp"], VECTOR["body"].encode())
    assert headers == {
        "webhook-id": VECTOR["id"],
        "webhook-timestamp": str(VECTOR["timestamp"]),
        "webhook-signature": VECTOR["signature"],
    }


def test_two_secrets_sign_both_so_that_a_receiver_can_go_from_one_to_the_next(
    tmp_path: Path,
) -> None:
    secrets = read_secrets(secret_file(tmp_path, f"{OTHER}\n{VECTOR['secret']}\n"))
    headers = secrets.headers(VECTOR["id"], VECTOR["timestamp"], VECTOR["body"].encode())
    first, second = headers["webhook-signature"].split(" ")
    assert first.startswith("v1,")
    assert (first != second, second) == (True, VECTOR["signature"])


@pytest.mark.parametrize(
    "content",
    [
        "",
        "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "whsec_no base64!",
        "whsec_AAAA",
        "whsec_" + "A" * 100,
        "\n".join([OTHER] * 5),
    ],
)
def test_what_is_no_secret_is_refused_in_a_sentence_that_does_not_repeat_it(
    tmp_path: Path, content: str
) -> None:
    with pytest.raises(OperatorError, match=r"webhook\.secret must hold") as refused:
        read_secrets(secret_file(tmp_path, content))
    assert not content or content not in str(refused.value)


def test_a_secret_that_is_missing_or_open_to_others_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OperatorError, match="is missing"):
        read_secrets(tmp_path / "none")
    path = secret_file(tmp_path, OTHER)
    path.chmod(0o644)
    with pytest.raises(OperatorError, match="chmod 600"):
        read_secrets(path)
    path.chmod(0o600)
    assert repr(read_secrets(path)) == "WebhookSecrets(...)"
