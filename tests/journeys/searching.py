"""A list with canaries, and hosts that tell a receiver when somebody searches it."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.harness.deployment import Api, Deployed
from tests.harness.receiver import SECRET, Receiver

LISTED = [("email", f"listed-{number}@search.example") for number in range(20)]
CANARIES = [("phone", f"+12025550{number}") for number in range(160, 170)]


def hide(deployed: Deployed) -> None:
    values = "phone:+12025550160..+12025550169"
    deployed.indexer("canary", "add", values, "--each", "10", "--we-control-these")


def serve(
    deployed: Deployed, receiver: Receiver, home: Path | None = None, *, within: Sequence[str] = ()
) -> Api:
    secret = deployed.folder / "webhook.secret"
    secret.write_text(SECRET)
    secret.chmod(0o600)
    api = deployed.serve(
        within=within,
        SCREENING_WEBHOOK_URL=receiver.url,
        SCREENING_WEBHOOK_SECRET_FILE=str(secret),
        SCREENING_HOME=str(home or deployed.home),
    )
    deployed.wait_ready(api)
    return api


def canaries_told(receiver: Receiver) -> list[dict[str, Any]]:
    return [event["data"] for event in receiver.of("canary.matched")]
