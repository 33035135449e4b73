"""`partner add`: one kit, one index of its own, and nothing half-way."""

import pytest

from indexer.index.list_for_test_keys import LISTED_FOR_TEST_KEYS
from screening.registry.record import ApiKeyVerifiers
from screening.vocabulary.tokens import STRETCH_PROFILES
from tests.harness.deployment import Partner
from tests.harness.slow import slow_but_first
from tests.harness.steps import NEVER
from tests.indexer.running import NO_STRETCH, Running

PHONE = ("phone", "+12025550142")
LIST = [(*PHONE, "trafficker"), ("email", "listed@list.example", "buyer")]
TEST_LISTED = [(one.kind.value, one.text) for one in LISTED_FOR_TEST_KEYS]


def test_a_kit_opens_what_the_signed_record_and_head_say(running: Running) -> None:
    running.publish(LIST)
    partner = running.add_partner("acme", "--scopes", "bulk,check")
    kit, record = partner.kit, running.records()["acme"]
    (api_key,) = record.api_keys
    verifiers = ApiKeyVerifiers((running.secrets / "api-keys.key").read_bytes())
    assert api_key.verifier == verifiers.of(kit.api_key.encode())
    assert (api_key.id, api_key.scopes) == (kit.parsed_api_key().id, ["check", "bulk"])
    assert (record.mode, record.state, record.key_ids) == ("live", "active", [kit.token_key.key_id])
    assert running.manifest(partner).key_check == kit.key_check()
    assert running.listed(partner, PHONE, ("phone", "+12025550100")) == [True, False]
    assert (kit.api_url, kit.partner) == ("https://api.example", "acme")
    assert running.kit_path("acme").stat().st_mode & 0o777 == 0o600


@slow_but_first(
    1,
    ("options", "profile"),
    [([], "strong"), (["--scopes", "check,bulk"], "light"), (["--stretch", "light"], "light")],
)
def test_who_may_bulk_gets_the_light_stretch_and_others_the_strong_one(
    running: Running, options: list[str], profile: str
) -> None:
    running.try_partner("acme", *options, expect=0)
    kit = Partner(running.kit_path("acme")).kit
    assert kit.token_key.stretch == STRETCH_PROFILES[profile]


def test_two_partners_share_no_secret_and_no_digest(running: Running) -> None:
    running.publish(LIST)
    first, second = (running.add_partner(name) for name in ("acme", "zeta"))
    assert first.kit.token_key.secret != second.kit.token_key.secret
    assert first.token(*PHONE) != second.token(*PHONE)
    assert first.kit.api_key != second.kit.api_key
    packed = [running.redis.get(key) for key in running.redis.scan_iter("generation:*:bucket:0")]
    assert len(packed) == 2
    digests = [{bucket[at : at + 16] for at in (0, 16)} for bucket in packed if bucket]
    assert not digests[0] & digests[1]


def test_before_any_list_a_live_partner_has_no_index_and_the_first_publish_makes_it(
    running: Running,
) -> None:
    partner = running.add_partner("acme")
    assert set(running.records()) == {"acme"}
    # No head: the API says that nothing is known, and never "no".
    assert running.heads() == {}
    running.publish(LIST)
    assert running.listed(partner, PHONE) == [True]


def test_a_test_partner_reads_the_test_list_and_never_the_real_one(running: Running) -> None:
    probe = running.add_partner("probe", "--test")
    assert probe.kit.api_key.startswith("gsk_test_")
    for _ in range(2):
        assert running.listed(probe, *TEST_LISTED) == [True] * len(TEST_LISTED)
        assert running.listed(probe, PHONE) == [False]
        assert running.manifest(probe).mode == running.records()["probe"].mode == "test"
        running.publish(LIST)
    live = running.add_partner("acme")
    assert running.listed(live, *TEST_LISTED) == [False] * len(TEST_LISTED)
    running.publish(LIST)
    running.run("rollback")
    assert running.listed(probe, *TEST_LISTED, PHONE) == [True] * len(TEST_LISTED) + [False]


def test_a_name_is_given_once_and_a_kit_is_never_overwritten(running: Running) -> None:
    running.add_partner("acme")
    kit = running.kit_path("acme").read_bytes()
    before = running.stored()
    assert "is there already" in running.try_partner("acme", *NO_STRETCH).output

    running.kit_path("acme").rename(running.folder / "moved")
    assert "is there already" in running.try_partner("acme", *NO_STRETCH).output
    assert not running.kit_path("acme").exists()

    running.kit_path("zeta").write_bytes(kit)
    assert "never overwritten" in running.try_partner("zeta", *NO_STRETCH).output
    assert running.kit_path("zeta").read_bytes() == kit
    assert running.stored() == before
    assert running.ledger()[-1]["command"] == "partner added"


@slow_but_first(
    5,
    ("name", "options"),
    [
        ("Acme", NO_STRETCH),
        ("-acme", NO_STRETCH),
        ("a" * 25, NO_STRETCH),
        ("acme corp", NO_STRETCH),
        ("", NO_STRETCH),
        ("acme", ["--stretch", "none"]),
        ("acme", ["--stretch", "weak"]),
        ("acme", ["--scopes", "check,admin"]),
        ("acme", ["--scopes", ""]),
        ("acme", ["--api-url", "api.example"]),
        ("acme", ["--api-url", "ftp://api.example"]),
        ("acme", ["--api-url", "https://"]),
        ("acme", ["--api-url", "https://[api"]),
        ("acme", ["--kit", "/nowhere/at/all/kit.json"]),
        ("acme", ["--kit", "."]),
    ],
)
def test_what_cannot_be_is_refused_in_one_line_and_nothing_is_made(
    running: Running, name: str, options: list[str]
) -> None:
    done = running.try_partner(name, *options)
    assert len(done.output.splitlines()) == 1, done.output
    assert running.stored() == {}
    assert not list((running.home / "keyring" / "token-keys").iterdir())
    assert not list(running.folder.glob("*.kit.json"))


def test_the_consent_to_a_key_without_stretch_is_recorded(running: Running) -> None:
    running.add_partner("acme")
    running.add_partner("probe", "--test", "--stretch", "none")
    by_partner = {r["partner"]: r for r in running.ledger() if r["command"] == "partner add"}
    assert by_partner["acme"]["allow_unstretched"] is True
    assert (by_partner["probe"]["allow_unstretched"], by_partner["probe"]["mode"]) == (
        False,
        "test",
    )


def _next_step(running: Running, what: str) -> int:
    """Return at which step the next partner add comes to `what`: each partner adds as many."""
    first, second = (
        max(n for n, step in enumerate(steps) if what in step.replace("link screening", "link "))
        for steps in (
            running.try_partner(name, *NO_STRETCH, expect=0, kill_before=NEVER).steps
            for name in ("first", "second")
        )
    )
    return 2 * second - first


def test_nothing_of_an_attempt_that_died_stays_valid_and_no_key_id_is_used_twice(
    running: Running,
) -> None:
    running.publish(LIST)
    flipped = _next_step(running, "_landed")
    running.try_partner("acme", *NO_STRETCH, kill_before=flipped)
    left = running.records()["acme"]
    partner = running.add_partner("acme")
    record = running.records()["acme"]
    assert record.key_ids == [partner.kit.token_key.key_id] != left.key_ids
    assert {key.id for key in record.api_keys}.isdisjoint(key.id for key in left.api_keys)
    assert running.left_of(left.key_ids[0]) == []


@pytest.mark.slow
def test_an_attempt_that_died_behind_its_kit_is_completed_only_by_the_same_command(
    running: Running,
) -> None:
    running.publish(LIST)
    linked = _next_step(running, "link")
    running.try_partner("acme", *NO_STRETCH, kill_before=linked + 1)
    kit = running.kit_path("acme").read_bytes()
    for other in (["--scopes", "check,bulk", *NO_STRETCH], ["--stretch", "light"]):
        assert "never overwritten" in running.try_partner("acme", *other).output
    running.try_partner("acme", *NO_STRETCH, expect=0)
    assert running.kit_path("acme").read_bytes() == kit
    assert running.listed(Partner(running.kit_path("acme")), PHONE) == [True]


def test_a_kit_goes_to_no_standard_output(running: Running) -> None:
    arguments = ("partner", "add", "acme", "--kit", "-", "--api-url", "https://api.example")
    said = running.run(*arguments, expect=2).output
    assert said == "what this writes goes to a file; name one in place of -\n"
    assert not (running.folder / "-").exists()
    assert running.stored() == {}
