"""compose.yaml: every service shut in, one port published, no password in it."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]  # it ships no types

from indexer.settings import IndexerSettings
from intelligence.settings import IntelligenceSettings
from screening.api.settings import ApiSettings

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "compose.yaml").read_text()
COMPOSE: dict[str, Any] = yaml.safe_load(TEXT)
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
NAMES = ("api", "indexer", "intelligence", "valkey")
OURS = ("api", "indexer", "intelligence")


def _mounts(service: str) -> dict[str, dict[str, Any]]:
    """Return the mounts of a service by their target."""
    return {mount["target"]: mount for mount in SERVICES[service]["volumes"]}


def test_the_services_are_the_api_its_store_the_indexer_and_the_console() -> None:
    assert tuple(sorted(SERVICES)) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_service_can_change_nothing_but_its_volumes(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert not service.keys() & {"privileged", "cap_add", "pid", "ipc", "devices", "network_mode"}
    for mount in _mounts(name).values():
        # What comes from this machine is read; only volumes are written.
        assert mount["type"] == "volume" or mount["read_only"] is True


def test_only_api_and_console_publish_a_port_and_only_to_this_machine() -> None:
    assert {name: one["ports"] for name, one in SERVICES.items() if "ports" in one} == {
        "api": ["127.0.0.1:8080:8080"],
        "intelligence": ["127.0.0.1:8070:8070"],
    }
    assert IntelligenceSettings.model_fields["port"].default == 8070
    assert ApiSettings.model_fields["port"].default == 8080
    assert ApiSettings.model_fields["metrics_port"].default == 9090


def test_store_and_indexer_are_on_a_network_that_leads_nowhere() -> None:
    assert COMPOSE["networks"]["store"]["internal"] is True
    assert SERVICES["valkey"]["networks"] == ["store"]
    assert SERVICES["indexer"]["networks"] == ["store"]
    assert sorted(SERVICES["api"]["networks"]) == ["front", "store"]


def test_the_api_reads_its_keys_and_cannot_reach_the_indexer_s_secrets() -> None:
    api, indexer = _mounts("api"), _mounts("indexer")
    assert api["/run/secrets/screening"]["read_only"] is True
    assert api["/run/secrets/screening"]["source"] == indexer["/run/secrets/screening"]["source"]
    kept = indexer["/var/lib/screening"]["source"]
    assert kept not in {mount["source"] for mount in api.values()}
    assert IndexerSettings.model_fields["secrets"].validation_alias == "SCREENING_SECRETS"


def test_the_console_shares_the_spools_with_the_indexer_and_nothing_with_anybody_else() -> None:
    sources = {name: {one["source"] for one in _mounts(name).values()} for name in NAMES}
    assert sources["intelligence"] & sources["indexer"] == {"spools"}
    assert not sources["intelligence"] & (sources["api"] | sources["valkey"])
    assert _mounts("intelligence")["/var/lib/screening/spool"]["source"] == "spools"
    assert _mounts("indexer")["/var/lib/screening/spool"]["source"] == "spools"
    others = {network for name in NAMES[:2] for network in SERVICES[name]["networks"]}
    assert SERVICES["intelligence"]["networks"] == ["console"]
    assert "console" not in others | set(SERVICES["valkey"]["networks"])
    assert not SERVICES["intelligence"].keys() & {"depends_on", "links", "env_file"}


def test_the_console_believes_the_proxy_on_this_machine_alone_and_starts_when_it_is_called() -> (
    None
):
    (network,) = COMPOSE["networks"]["console"]["ipam"]["config"]
    given = SERVICES["intelligence"]["environment"]
    assert given.keys() == {"INTELLIGENCE_PUBLIC_URL", "INTELLIGENCE_TRUSTED_PROXIES"}
    assert given["INTELLIGENCE_TRUSTED_PROXIES"] == network["gateway"]
    default = re.fullmatch(r"\$\{CONSOLE_URL:-(.+)\}", given["INTELLIGENCE_PUBLIC_URL"])
    assert default is not None
    url: dict[str, Any] = {"INTELLIGENCE_PUBLIC_URL": default[1]}
    assert IntelligenceSettings(**url).public_url == default[1]
    assert SERVICES["intelligence"]["profiles"] == ["channel"]


def test_the_store_s_data_outlive_its_container() -> None:
    data = _mounts("valkey")["/data"]
    assert data["type"] == "volume"
    assert data["source"] in COMPOSE["volumes"]
    command = SERVICES["valkey"]["command"]
    assert command[command.index("--dir") + 1] == "/data"


def test_the_store_starts_with_the_configuration_and_users_that_are_mounted() -> None:
    command, mounts = SERVICES["valkey"]["command"], _mounts("valkey")
    assert mounts[command[1]]["source"] == "deploy/valkey.conf"
    users = mounts[command[command.index("--aclfile") + 1]]
    assert users["source"] == "deploy/secrets/users.acl"
    # Where it is missing the start fails; a folder made in its place would mean no users at all.
    assert users["bind"]["create_host_path"] is False


def test_passwords_come_from_files_that_are_never_committed() -> None:
    for name in ("api", "indexer"):
        assert SERVICES[name]["env_file"] == [f"deploy/secrets/{name}.env"]
        assert "environment" not in SERVICES[name]
    assert "secrets/" in (ROOT / "deploy" / ".gitignore").read_text().splitlines()
    assert not re.search(r"(?i)passw\w*\s*[:=]|redis://|rediss://|requirepass", TEXT)


@pytest.mark.parametrize("name", OURS)
def test_a_service_is_built_from_the_target_of_its_name(name: str) -> None:
    assert SERVICES[name]["build"] == {"context": ".", "target": name}
    assert SERVICES[name]["image"] == f"screening-{name}"


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_run_through_a_shell(name: str) -> None:
    service = SERVICES[name]
    for key in ("command", "entrypoint"):
        assert isinstance(service.get(key, []), list)
    if "healthcheck" in service:
        assert service["healthcheck"]["test"][0] == "CMD"


def test_the_indexer_runs_when_it_is_called_and_only_then() -> None:
    assert SERVICES["indexer"]["profiles"] == ["tools"]
    assert SERVICES["indexer"]["restart"] == "no"


def test_the_store_s_image_has_a_tag() -> None:
    image = re.fullmatch(r"\$\{VALKEY_IMAGE:-(.+)\}", SERVICES["valkey"]["image"])
    assert image is not None
    assert re.fullmatch(r"docker\.io/valkey/valkey:\d+\.\d+", image[1])


def test_a_host_keeps_its_name_when_its_container_is_made_anew() -> None:
    for name in OURS:
        assert SERVICES[name]["hostname"] == name
