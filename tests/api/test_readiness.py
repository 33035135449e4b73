"""A host stays in service for those it can answer, and tells of those it cannot."""

import sys

import pytest

from screening.store import keys
from tests.harness import plain_http
from tests.harness.deployment import Deployed, Partner
from tests.harness.metrics import metric
from tests.harness.processes import eventually
from tests.harness.slow import slow_but_first
from tests.harness.valkey import Valkey

LISTED = ("phone", "+1 202 555 0142")


def damage_list_of(valkey: Valkey, partner: Partner) -> bytes:
    """Alter the manifest of a partner's only generation in Redis; return it as it was."""
    with valkey.client() as redis:
        (name,) = redis.scan_iter(keys.manifest(partner.kit.token_key.key_id, "*"))
        manifest = redis.get(name)
        assert isinstance(manifest, bytes)
        redis.set(name, manifest + b" ")
        return manifest


def mend_list_of(valkey: Valkey, partner: Partner, manifest: bytes) -> None:
    with valkey.client() as redis:
        (name,) = redis.scan_iter(keys.manifest(partner.kit.token_key.key_id, "*"))
        redis.set(name, manifest)


@pytest.mark.slow
def test_a_list_that_one_partner_lacks_takes_nobody_else_out_and_is_told_in_the_metrics(
    deployed: Deployed, valkey: Valkey
) -> None:
    deployed.publish([(*LISTED, "trafficker")])
    acme = deployed.add_partner("acme", "--stretch", "light")
    beta = deployed.add_partner("beta", "--stretch", "light")
    manifest = damage_list_of(valkey, beta)
    api = deployed.serve()
    deployed.wait_ready(api)

    def missing() -> float:
        return metric(api, "screening_lists_missing")

    eventually(lambda: acme.ask(api, LISTED).status_code == 200, what="an answer to acme")
    eventually(lambda: missing() == 1, what="the missing list in the metrics")
    refused = beta.ask(api, LISTED)
    assert (refused.status_code, refused.json()["reason"]) == (503, "index")
    assert metric(api, "screening_alarms_total", what="generation_untrusted") > 0
    assert plain_http.get(f"{api.url}/readyz").status_code == 200

    mend_list_of(valkey, beta, manifest)
    eventually(lambda: beta.ask(api, LISTED).status_code == 200, what="an answer to beta")
    eventually(lambda: missing() == 0, what="no missing list in the metrics")


def test_a_host_without_its_allowance_is_not_ready_until_it_is_back(deployed: Deployed) -> None:
    deployed.publish([(*LISTED, "trafficker")])
    deployed.add_partner("acme", "--stretch", "light")
    api = deployed.serve()
    deployed.wait_ready(api)
    folder = deployed.home / "allowance"
    folder.rename(folder.with_name("away"))
    refused = plain_http.get(f"{api.url}/readyz")
    assert (refused.status_code, refused.json()["reason"]) == (503, "audit")
    folder.with_name("away").rename(folder)
    assert plain_http.get(f"{api.url}/readyz").status_code == 200


@pytest.mark.skipif(sys.platform != "linux", reason="needs a folder that not even root can fill")
@slow_but_first(1, "name", ["journal", "allowance"])
def test_a_host_that_cannot_record_ends_before_it_is_asked_and_names_the_folder(
    deployed: Deployed, name: str
) -> None:
    deployed.home.mkdir(mode=0o700)
    (deployed.home / name).symlink_to("/proc/self/fd")
    done = deployed.run("screening", "serve", "--port", "0", "--metrics-port", "0", expect=74)
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"{deployed.home / name} cannot be used: ")
