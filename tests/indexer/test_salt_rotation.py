"""`rotate salt`: kits to come have another one, and it is said who needs such a kit."""

from tests.indexer.running import Running
from tests.indexer.test_rotation import LIST, OTHER, PHONE, rotate


def test_a_new_salt_is_that_of_kits_to_come(running: Running) -> None:
    running.publish(LIST)
    old = running.add_partner("acme")
    assert "acme" in running.run("rotate", "salt").output
    assert running.listed(old, PHONE) == [True]
    running.publish([*LIST, (*OTHER, "buyer")])
    assert running.listed(old, PHONE, OTHER) == [True, True]
    new = rotate(running)
    assert new is not None
    assert new.kit.token_key.salt != old.kit.token_key.salt
    assert running.listed(new, PHONE, OTHER) == [True, True]
    running.run("init")  # what is there is taken as it is


def test_a_second_new_salt_says_who_must_have_another_kit_again(running: Running) -> None:
    running.publish(LIST)
    running.add_partner("acme")
    running.add_partner("zeta")
    first = running.run("rotate", "salt")
    assert first.stdout.endswith("give them one by indexer partner rotate: acme, zeta\n")
    assert first.stderr == ""
    assert rotate(running) is not None
    second = running.run("rotate", "salt")
    assert second.stdout.endswith("give them one by indexer partner rotate: acme, zeta\n")
    assert second.stderr == (
        "the last new salt was not in all kits yet; acme had it, and must have another kit again: "
        "once is enough\n"
    )
