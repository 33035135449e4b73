"""The client against the true API: one booking, one file, and kits that are not the one given."""

import csv
import json
from pathlib import Path

import pytest

from screening.client import ScreeningClient
from screening.client.kit_file import load_kit
from screening.vocabulary.errors import KitMismatch
from tests.harness.deployment import Deployed


def screened(deployed: Deployed, folder: Path, kit: str) -> list[tuple[str, str]]:
    """Return result and reason of each row of a file."""
    source, out = folder / "in.csv", folder / "out.csv"
    source.write_text(
        "id,phone,email\n1,+1 (202) 555-0100,\n2,+12025550111,JANE@Booking.Test\n"
        "3,+12025550112,john@booking.test\n4,2025550100,\n"
    )
    deployed.run("gen-screen", "bulk", "--kit", kit, "--batch", "2", str(source), "-o", str(out))
    with out.open(newline="") as file:
        return [(row["result"], row["reason"]) for row in csv.DictReader(file)]


def test_a_booking_and_a_file_are_screened_and_an_altered_kit_is_told(
    deployed: Deployed, tmp_path: Path
) -> None:
    deployed.publish(
        [("phone", "+1 202-555-0100", "trafficker"), ("email", "jane@booking.test", "buyer")]
    )
    api = deployed.serve()
    partner = deployed.add_partner("acme", "--scopes", "check,bulk", url=api.url)
    deployed.wait_ready(api)
    kit = str(partner.kit_path)

    matched = deployed.run(
        "gen-screen", "check", "--kit", kit, "--json", "--region", "US",
        "phone:(202) 555 0100", "email:JOHN@booking.test", expect=10,
    )  # fmt: skip
    assert json.loads(matched.stdout)["results"] == ["match", "no_match"]
    deployed.run("gen-screen", "check", "--kit", kit, "email:john@booking.test")

    assert screened(deployed, tmp_path, kit) == [
        ("match", "phone"),
        ("match", "email"),
        ("no_match", ""),
        ("not_screened", "phone: region_required"),
    ]

    document = json.loads(partner.kit_path.read_text())
    document["token_keys"][0]["salt"] = "AAECAwQFBgcICQoLDA0ODw=="
    altered = tmp_path / "altered.kit.json"
    altered.touch(0o600)
    altered.write_text(json.dumps(document))
    with ScreeningClient(load_kit(altered), timeout_ms=5_000) as client:
        with pytest.raises(KitMismatch):
            client.check([("phone", "+12025550100")])
        assert client.parameters().partner == "acme"
