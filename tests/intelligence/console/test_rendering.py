"""Whatever time is on record, the page that shows it can be made."""

import pytest

from intelligence.console.rendering import day_text, time_text


@pytest.mark.parametrize("at", [253_402_300_800, -(10**14), 10**18, 10**30])
def test_a_time_that_no_calendar_has_is_shown_in_words(at: int) -> None:
    assert {time_text(at), day_text(at)} == {"beyond all calendars"}


def test_other_times_are_shown_as_people_read_them() -> None:
    assert (time_text(1_795_000_000), day_text(None)) == ("2026-11-18 11:06 UTC", "never")
