"""What is kept no longer than it is of use is looked for by the service itself."""

from intelligence.disclosure.retention import ABOUT_MATCHES_KEPT_S, Retention
from intelligence.disclosure.tables import FeedbackRow
from tests.intelligence.disclosure.room import Room, receipt_of


def test_what_is_overdue_is_looked_for_once_an_hour(room: Room) -> None:
    journal, clock = room.services.signing_keys.journal, room.services.clock
    retention = Retention(room.database, journal, clock)
    retention.drop_overdue()
    said = {"outcome": "false", "partner": "acme", "receipt": receipt_of(1)}
    with room.database.writing() as session:
        session.add(FeedbackRow(row=1, log="", at=int(clock() - ABOUT_MATCHES_KEPT_S), **said))
    for after_s, left in ((3_599, 1), (1, 0)):
        clock.move(after_s)
        retention.drop_overdue()
        assert room.counts("feedback") == {"feedback": left}
