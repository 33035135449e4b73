"""A command that is broken off says whether what it has changed may be in force."""

import pytest

from tests.indexer.running import Running

LIST = [("phone", "+12025550142", "trafficker")]


@pytest.mark.parametrize(
    ("moment", "said"),
    [
        ("INSERT ON releases", "what was in force stays"),
        ("UPDATE ON releases", "is in force, or may be: indexer status says so"),
    ],
)
def test_a_list_file_that_fails_in_the_midst_of_a_command_leaves_no_doubt_on_which_side(
    running: Running, moment: str, said: str
) -> None:
    partner = running.add_partner("acme")
    running.publish(LIST)
    running.change(f"CREATE TRIGGER fails BEFORE {moment} BEGIN SELECT RAISE(ABORT, 'full'); END")
    output = running.run("add", "phone:+12025550177", "--role", "buyer", expect=74).output
    assert said in output
    assert "the list file cannot be used" in output
    is_in_force = moment.startswith("UPDATE")
    assert running.listed(partner, ("phone", "+12025550177")) == [is_in_force]
    running.change("DROP TRIGGER fails")
    running.run("compact")
    assert running.listed(partner, ("phone", "+12025550177")) == [is_in_force]
