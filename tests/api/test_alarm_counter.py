"""An alarm is counted each time, and logged under no name but our own."""

from collections.abc import Iterator
from typing import Any

import pytest
from prometheus_client import CollectorRegistry
from structlog.testing import capture_logs

from screening.alarms import FOREIGN
from screening.api.alarm_counter import AlarmCounter


@pytest.fixture
def logged() -> Iterator[list[Any]]:
    with capture_logs() as entries:
        yield entries


@pytest.mark.parametrize("name", ["store", "0123456789abcdef", "20261127T120000000000Z-1a2b3c4d"])
def test_our_names_are_logged_and_what_repeats_itself_once_and_counted(
    logged: list[Any], name: str
) -> None:
    registry = CollectorRegistry()
    counter = AlarmCounter(registry)
    for _ in range(5):
        counter.raised("store_unavailable", name)
    assert [(one["event"], one["what"], one["name"], one["times"]) for one in logged] == [
        ("alarm", "store_unavailable", name, 1)
    ]
    assert registry.get_sample_value("screening_alarms_total", {"what": "store_unavailable"}) == 5


@pytest.mark.parametrize("name", ["", "a b", "a\nb", "+12025550142", "jane@mail.example", "a" * 65])
def test_a_name_that_none_of_us_gave_is_not_repeated(logged: list[Any], name: str) -> None:
    AlarmCounter(CollectorRegistry()).raised("partner_untrusted", name)
    assert [one["name"] for one in logged] == [FOREIGN]
