"""A normaliser upgrade: kits of two versions are answered side by side, then only the new ones."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.harness.deployment import Partner
from tests.harness.template import Template
from tests.harness.valkey import Valkey
from tests.indexer.running import Running

pytestmark = pytest.mark.usefixtures("second_normaliser")

LISTED = ("email", "jane.doe@mailbox.example")
SAME = ("email", "janedoe+travel@mailbox.example")
PHONE = ("phone", "+12025550142")
LIST = [(*LISTED, "trafficker"), (*PHONE, "buyer")]
URL = ("--api-url", "https://api.example")


@pytest.fixture(scope="module")
def upgraded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Template]:
    """Commands of an indexer that knows a second normaliser version."""
    module = "tests.harness.second_normaliser"
    template = Template(tmp_path_factory.mktemp("upgraded"), with_module=module)
    yield template
    template.close()


@pytest.fixture
def running(tmp_path: Path, template: Template, valkey: Valkey) -> Iterator[Running]:
    """A list and a partner, made before there was a second version."""
    deployment = Running(tmp_path, template, valkey.url)
    deployment.run("init")
    deployment.publish(LIST)
    yield deployment
    deployment.redis.close()


def rotate(running: Running, name: str = "acme") -> Partner:
    path = running.kit_path(f"{name}-new")
    options = ("--kit", str(path), *URL, "--overlap-days", "0")
    running.run("partner", "rotate", name, *options)
    return Partner(path)


def test_the_list_is_read_anew_and_the_old_kit_goes_on_until_it_is_retired(
    running: Running, upgraded: Template
) -> None:
    old = running.add_partner("acme")
    stored = running.stored()
    assert "the newest there is" in running.run("rotate", "normaliser").output
    assert running.stored() == stored
    running.use(upgraded)
    said = running.run("rotate", "normaliser").output
    assert "read by normaliser 2" in said
    assert "1 selector has another form; 0 became one" in said
    assert "give new kits by indexer partner rotate: acme" in said
    assert running.listed(old, LISTED, SAME, PHONE) == [True, False, True]
    new = rotate(running)
    assert (old.kit.normaliser, new.kit.normaliser) == (1, 2)
    assert running.manifest(new).normaliser == 2
    assert running.manifest(old).normaliser == 1
    assert running.listed(old, LISTED, SAME, PHONE) == [True, False, True]
    assert running.listed(new, LISTED, SAME, PHONE) == [True, True, True]
    assert "no kit of the normaliser version before" in running.run("compact").output
    assert running.listed(new, LISTED, SAME, PHONE) == [True, True, True]
    assert "no kit of" not in running.run("compact").output


def test_a_retracted_spelling_keeps_off_what_is_the_same_selector_now_until_it_is_lifted(
    running: Running, upgraded: Template
) -> None:
    old = running.add_partner("acme")
    for spelling in (SAME[1], "jan.edoe@mailbox.example"):
        running.run("retract", f"email:{spelling}", "--reason", "wrong person")
    assert running.listed(old, LISTED, PHONE) == [True, True]
    running.use(upgraded)
    said = running.run("rotate", "normaliser").output
    assert (
        "  1 was listed before, and is not any more, because another spelling was retracted" in said
    )
    new = rotate(running)
    for partner in (old, new):
        assert running.listed(partner, LISTED, SAME, PHONE) == [False, False, True]
    assert "  1 selector is retracted" in running.run("status").output
    imported = running.run("import", str(running.write_list(LIST)), expect=None)
    assert "1 retracted" in imported.output
    running.run("lift", f"email:{LISTED[1]}")
    assert running.listed(old, LISTED, SAME, PHONE) == [True, False, True]
    assert running.listed(new, LISTED, SAME, PHONE) == [True, True, True]


def test_what_an_upgrade_takes_off_the_list_is_said_and_recorded(
    running: Running, upgraded: Template
) -> None:
    listed = [
        f"email:{local}@mailbox.example" for local in ("j.oe", "j.ill", "j.ill+2", "d.esk", "h.elp")
    ]
    running.run("exclusions", "override", listed[-1], "--reason", "case 7")
    running.run("add", *listed, "--role", "buyer")
    running.run("add", "email:joe@mailbox.example", "--role", "victim")
    for local, role, seen in (("n.ora", "buyer", "2025-03-01"), ("nora", "disputed", "2025-03-02")):
        options = ("--role", role, "--last-seen", seen, "--expires-at", "2090-12-31")
        running.run("add", f"email:{local}@mailbox.example", "--source", "case 1", *options)
    for local in ("jill", "jo.e"):
        running.run("retract", f"email:{local}@mailbox.example", "--reason", "wrong person")
    for local in ("desk", "help"):
        rule = (f"{local}@mailbox.example", "--category", "shelter")
        running.run("exclusions", "add", "email", "exact", *rule)
    running.use(upgraded)
    said = running.run("rotate", "normaliser").output
    assert (
        "  1 was listed before, and is not any more, because another spelling is a victim's" in said
    )
    assert (
        "  2 were listed before, and are not any more, because another spelling was retracted"
        in said
    )
    assert "  2 were listed before, and are not any more, because a safety list" in said
    assert "  1 was listed before, and is not any more, because the source of another" in said
    recorded = running.ledger()[-1]
    assert recorded["command"] == "normaliser rotated"
    counts = {name: recorded[name] for name in ("respelled", "merged", "lapsed")}
    assert counts == {"respelled": 7, "merged": 3, "lapsed": 1}
    counts = {name: recorded[name] for name in ("protected", "retracted", "excluded", "corrected")}
    assert counts == {"protected": 1, "retracted": 2, "excluded": 2, "corrected": 1}


@pytest.mark.slow
def test_changes_are_in_force_in_both_versions_without_an_index_anew(
    running: Running, upgraded: Template
) -> None:
    old = running.add_partner("acme")
    running.use(upgraded)
    running.run("rotate", "normaliser")
    assert (
        "kits have another normaliser version than new ones: acme" in running.run("status").output
    )
    new = rotate(running)
    assert "older" not in running.run("status").output
    built = {running.manifest(one).generation for one in (old, new)}
    other = ("email", "j.o.h.n@mailbox.example")
    running.run("add", f"email:{other[1]}", "--role", "buyer")
    for partner in (old, new):
        assert running.listed(partner, other, LISTED) == [True, True]
    assert running.listed(old, ("email", "john@mailbox.example")) == [False]
    assert running.listed(new, ("email", "john@mailbox.example")) == [True]
    running.run("retract", f"email:{SAME[1]}", "--reason", "wrong person")
    for partner in (old, new):
        assert running.listed(partner, LISTED, other) == [False, True]
    assert {running.manifest(one).generation for one in (old, new)} == built


@pytest.mark.slow
def test_an_upgrade_waits_until_kits_of_an_even_older_version_are_retired(
    running: Running, upgraded: Template
) -> None:
    partner = running.add_partner("acme")
    path = running.home / "keyring" / "token-keys" / f"{partner.kit.token_key.key_id}.json"
    content = path.read_bytes()
    path.write_bytes(content.replace(b'"normaliser":1', b'"normaliser":0'))
    running.use(upgraded)
    refused = running.run("rotate", "normaliser", expect=2).output
    assert "even older normaliser version: acme" in refused
    assert running.rows("SELECT value FROM meta WHERE name = 'normaliser'") == [(1,)]


@pytest.mark.slow
def test_an_indexer_that_does_not_know_the_version_changes_nothing(
    running: Running, template: Template, upgraded: Template
) -> None:
    running.use(upgraded)
    running.run("rotate", "normaliser")
    running.use(template)
    stored = running.stored()
    refused = running.run("publish", str(running.write_list(LIST)), expect=2).output
    assert "normaliser version that this indexer does not know" in refused
    assert running.stored() == stored


@pytest.mark.slow
def test_an_upgrade_killed_before_any_step_is_completed_by_the_same_command(
    running: Running, upgraded: Template
) -> None:
    old = running.add_partner("acme")
    running.use(upgraded)
    for _ in running.killed_everywhere("rotate", "normaliser"):
        assert running.listed(old, LISTED, SAME, PHONE) == [True, False, True]
        running.run("rotate", "normaliser")
        assert running.listed(old, LISTED, SAME, PHONE) == [True, False, True]
        assert running.rows("SELECT value FROM meta WHERE name = 'normaliser'") == [(2,)]
    new = rotate(running)
    assert running.listed(new, LISTED, SAME, PHONE) == [True, True, True]
