"""A console with its first administrator, to which others come."""

import base64
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select

from intelligence.commands.setting_up import initialise
from intelligence.deployment import Desk
from intelligence.staff.tables import RecoveryCode, SignIn
from tests.harness.console import added
from tests.intelligence.backup.homes import settings_for
from tests.intelligence.console.inside import Inside, open_desk_inside

ADA = "ada@gen.example"


@dataclass
class Newcomer:
    desk: Desk
    ada: Inside

    def at_enrolment(self, name: str) -> Inside:
        """Return the browser of somebody who has to set an app up, and has not yet."""
        said: dict[str, str | list[str]] = {"name": name, "display_name": name}
        browser = Inside(self.desk)
        browser.accept(name, added(self.ada, [], **said, roles=["auditor"]))
        spelled = re.findall(r'class="secret">([A-Z2-7 ]+)<', browser.page.text)
        browser.secret = base64.b32decode(spelled[0].replace(" ", ""))
        return browser

    def sessions(self) -> int:
        with self.desk.log_in.database.reading() as session:
            return len(session.scalars(select(SignIn.id_hash)).all())

    def recovery_codes(self) -> int:
        with self.desk.log_in.database.reading() as session:
            return len(session.scalars(select(RecoveryCode.code_hash)).all())


@contextmanager
def console_of_ada(folder: Path) -> Iterator[Newcomer]:
    """Set one up in a folder that is empty."""
    settings = settings_for(folder)
    token = initialise(settings)
    assert token is not None
    with open_desk_inside(settings) as desk:
        ada = Inside(desk)
        ada.set_up(token, ADA)
        yield Newcomer(desk, ada)
