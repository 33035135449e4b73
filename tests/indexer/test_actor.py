"""Who is on record for a command: the account that ran it, whoever its environment names."""

import os
import pwd

import pytest

from screening.account import actor
from tests.indexer.rows import PHONE, rows
from tests.indexer.running import Running

ACCOUNT = pwd.getpwuid(os.getuid()).pw_name


def test_the_account_is_on_record_whatever_the_environment_says(running: Running) -> None:
    running.settings |= dict.fromkeys(("LOGNAME", "USER", "LNAME", "USERNAME"), "another")
    running.publish(rows(PHONE))
    assert {record["actor"] for record in running.ledger()} == {ACCOUNT}
    assert f"by publish of {ACCOUNT}, " in running.run("status").output
    assert f"by publish of {ACCOUNT}, " in running.run("rollback", "--list").output


def test_an_account_without_a_name_is_on_record_by_its_number(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def nameless(uid: int) -> pwd.struct_passwd:
        raise KeyError(uid)

    monkeypatch.setattr(pwd, "getpwuid", nameless)
    assert actor() == f"uid {os.getuid()}"
