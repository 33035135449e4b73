"""A moment that somebody types is in UTC, or refused."""

import pytest

from intelligence.console.forms import Form
from intelligence.console.pages.operations import moment_of
from intelligence.errors import FormRefused


def test_a_moment_is_read_as_utc() -> None:
    assert moment_of(_form("2026-11-29T12:00"), "leaves_at") == 1_795_953_600


@pytest.mark.parametrize("text", ["2026-11-29T12:00+05:00", "2026-11-29T12:00Z", "soon"])
def test_a_moment_with_an_offset_is_refused(text: str) -> None:
    with pytest.raises(FormRefused, match="no moment in UTC"):
        moment_of(_form(text), "leaves_at")


def _form(text: str) -> Form:
    return Form([("leaves_at", text)])
