"""A console with somebody of each of some roles, and an indexer beside it on paper."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select

from intelligence.challenges.tables import ChallengeRow
from intelligence.commands.setting_up import initialise
from intelligence.commands.spools import make_spool_keys, trust_indexer
from intelligence.deployment import Desk
from intelligence.staff.roles import Role
from screening.disclosure.opening import PrivateHalf
from screening.private_files import create_private
from screening.spools.acknowledgement import Refused
from screening.spools.exclusions_told import ExclusionsTold, ToldRule
from screening.spools.keys import spell_key
from screening.spools.order import parse_signed
from tests.harness.console import PASSWORD, Browser, added
from tests.intelligence.backup.homes import settings_for
from tests.intelligence.console.inside import Inside, open_desk_inside
from tests.intelligence.curation.desk import DEPLOYMENT, PaperIndexer

ROLES = (Role.APPROVER, Role.CURATOR, Role.PARTNER_MANAGER, Role.AUDITOR)


@dataclass
class Staffed:
    desk: Desk
    indexer: PaperIndexer
    browsers: dict[Role, Inside]

    def tell(self, *rules: ToldRule) -> None:
        self.indexer.write(
            lambda head: ExclusionsTold("screening-exclusions/1", *head, list(rules), [])
        )
        self.desk.curation.take_turn()

    def fall_due(self) -> None:
        """Have the day of each challenge come."""
        with self.desk.log_in.database.writing() as session:
            for row in session.scalars(select(ChallengeRow)):
                self.desk.curation.challenges.seals.alter(row, due_at=0)


@contextmanager
def staffed_console(folder: Path, half: PrivateHalf | None = None) -> Iterator[Staffed]:
    """Set one up in a folder that is empty; it opens what is sealed to `half`."""
    settings = settings_for(folder)
    if half is not None:
        settings = settings.model_copy(update={"disclosure_keys": folder / "half.key"})
        create_private(folder / "half.key", half.secret)
    token = initialise(settings)
    assert token is not None
    key, _ = make_spool_keys(settings, DEPLOYMENT)
    indexer = PaperIndexer(settings.spool, spell_key(key))
    (folder / "brought.pub").write_bytes(spell_key(indexer.public))
    trust_indexer(settings, folder / "brought.pub", replacing=False)
    with open_desk_inside(settings) as desk:
        ada = Inside(desk)
        ada.set_up(token, "ada@gen.example")
        browsers = {Role.ADMINISTRATOR: ada}
        confirming: list[Browser] = []
        for role in ROLES:
            said: dict[str, str | list[str]] = {"name": role.value, "display_name": role.value}
            token = added(ada, confirming, **said, roles=[role.value])
            browsers[role] = Inside(desk, beside=ada)
            browsers[role].accept(role.value, token)
            browsers[role].enrol()
            confirming = [browsers[Role.APPROVER]]
            if role is not Role.AUDITOR:
                browsers[role].visit("/signing-key")
                browsers[role].send("/signing-key", password=PASSWORD)
        yield Staffed(desk, indexer, browsers)


def answered(staffed: Staffed, why: str = "") -> None:
    """Have what waits leave, and applied by the indexer, or refused for what it orders."""
    staffed.desk.curation.take_turn()
    indexer = staffed.indexer
    sequence = indexer.down.sequences()[-1]
    if why:
        batch = parse_signed(indexer.export(sequence).batches[0].batch).batch
        indexer.tell(Refused(sequence, indexer.sha256(sequence), "not_possible", batch, why))
    else:
        indexer.apply(sequence)
    staffed.desk.curation.take_turn()
