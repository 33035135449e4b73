"""A home that was restored takes the files since its backup again, and tells of them anew."""

import json

from tests.harness.spool_console import ANN, Desk, add, retract
from tests.indexer.running import Running

PHONE = ("phone", "+12025550142")
OTHER = ("phone", "+12025550143")


def test_what_came_since_the_backup_is_applied_again_in_its_order(
    running: Running, desk: Desk
) -> None:
    partner = running.add_partner("acme")
    desk.approve(add(*PHONE), add(*OTHER))
    running.run("spool", "apply")
    passphrase, file = running.folder / "backup.pass", running.folder / "home.sealed"
    passphrase.write_text("a passphrase of the tests\n")
    passphrase.chmod(0o600)
    with_passphrase = ("--passphrase-file", str(passphrase))
    running.run("backup", str(file), *with_passphrase)
    desk.approve(retract(*PHONE), by=[ANN])
    running.run("spool", "apply")
    assert running.listed(partner, PHONE, OTHER) == [False, True]
    stray = running.folder / "spool" / "up" / "9999999998.up"
    stray.write_bytes(b"screening-spool/1 up 9999999998\nx")
    stray.chmod(0o600)

    running.home.rename(running.folder / "lost")
    running.run("restore", str(file), *with_passphrase)
    assert "next       file 2; 1 file waits" in running.run("spool", "status").output
    status = json.loads(running.run("spool", "status", "--json").output)
    assert status["up_sequence"] == 2, "it was written after the backup"
    stray.unlink()
    running.run("spool", "apply")
    assert running.listed(partner, PHONE, OTHER) == [False, True]
    assert desk.outcomes() == [(1, "applied"), (2, "applied"), (2, "applied")]
