"""A region that is none is refused before anything is asked."""

from pathlib import Path

import pytest

from screening.client import ScreeningClient
from screening.vocabulary.errors import NotCanonical
from screening.vocabulary.kit import Kit
from tests.client.conftest import GenScreen
from tests.client.peer import Peer

UNKNOWN_REGIONS = ["UK", "XX", "USA", "001", "", "u\u017f"]


@pytest.mark.parametrize("region", UNKNOWN_REGIONS)
def test_an_unknown_region_is_refused_before_anything_is_asked(
    gen_screen: GenScreen, kit_path: Path, tmp_path: Path, peer: Peer, region: str
) -> None:
    source, out = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_text("phone\n+12025550100\n")
    for command in (["check", "phone:+12025550100"], ["bulk", source, "-o", out]):
        done = gen_screen(command[0], "--kit", kit_path, "--region", region, *command[1:])
        assert (done.code, done.out) == (2, "")
        assert "GB for Great Britain" in done.err
        assert done.err.count("\n") == 1
    assert sum(peer.requests.values()) == 0
    assert {path.name for path in tmp_path.iterdir()} == {"acme.kit.json", "in.csv"}


@pytest.mark.parametrize("region", UNKNOWN_REGIONS)
def test_normalise_and_token_mind_an_unknown_region_only_where_one_is_needed(
    gen_screen: GenScreen, kit_path: Path, region: str
) -> None:
    for command in (["normalise"], ["token", "--kit", kit_path]):
        asked = [*command, "--kind", "phone", "--region", region]
        assert gen_screen(*asked, "+1 202 555 0100").code == 0
        done = gen_screen(*asked, "202 555 0100")
        assert (done.code, done.out) == (2, "")
        assert done.err.startswith("region_required: ")
        assert ("such as GB for Great Britain" in done.err) == bool(region)


@pytest.mark.parametrize("region", UNKNOWN_REGIONS)
def test_the_sdk_tells_a_region_that_is_no_country_from_none(
    kit: Kit, peer: Peer, region: str
) -> None:
    with ScreeningClient(kit, timeout_ms=20_000) as client:
        assert client.check([("phone", "+12025550100")], region=region).result == "no_match"
        with pytest.raises(NotCanonical) as refused:
            client.check([("phone", "020 7946 0958")], region=region)
        with pytest.raises(NotCanonical) as without:
            client.check([("phone", "020 7946 0958")])
    assert refused.value.code == without.value.code == "region_required"
    assert ("the region is no country" in str(refused.value)) == bool(region)
    assert "the region is no country" not in str(without.value)
    assert peer.total("/v1/check") == 1
