"""What a row says of how its entry lives: no text raises, and nothing is read that is not there."""

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screening.importers.csv_rows import ListRow, entry_of
from screening.importers.entry import Entry, Rejection, Role
from screening.importers.life import DEFAULT_LIST, LIST_NAME, Life, read_life
from screening.vocabulary.normalise import is_region

CELLS: Final = (
    "confidence", "first_seen", "last_seen", "review_by", "expires_at", "jurisdictions", "list"
)  # fmt: skip
DAYS: Final = st.dates()
ZONES: Final = st.integers(-23 * 60 - 59, 23 * 60 + 59).map(
    lambda minutes: timezone(timedelta(minutes=minutes))
)
COUNTRIES: Final = st.sets(st.sampled_from(["DE", "US", "FR", "GB", "NL"]), min_size=1)
# Chance alone would hardly ever write a date, or one with a single fault in it.
NEARLY: Final = st.one_of(
    st.text(max_size=40),
    st.from_regex(r"\d{4}-\d\d-\d\d([Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d))?"),
    st.from_regex(r"[0-9]{1,4}%?", fullmatch=True),
    st.from_regex(r"([A-Za-z]{2}[ ,;/]*){0,5}", fullmatch=True),
    st.datetimes(timezones=ZONES).map(datetime.isoformat),
)


def row(cells: dict[str, str], role: Role = Role.BUYER) -> ListRow:
    empty = dict.fromkeys((*CELLS, "source", "reason"), "")
    return ListRow(
        file="list.csv",
        line=2,
        kind="phone",
        value="+12025550142",
        role=role.value,
        region=None,
        **{**empty, **cells},
    )


def life(**cells: str) -> Life:
    return read_life(row(cells))


@given(st.dictionaries(st.sampled_from(CELLS), NEARLY))
def test_no_text_raises_and_what_cannot_be_read_is_told_or_left_out(cells: dict[str, str]) -> None:
    read = life(**cells)
    assert read.confidence is None or 0 <= read.confidence <= 100
    for day in (read.first_seen, read.last_seen, read.review_by):
        assert day is None or day.tzinfo is UTC
    assert read.expires_at is None or read.expires_at.tzinfo is UTC
    assert list(read.jurisdictions) == sorted(set(read.jurisdictions))
    assert all(map(is_region, read.jurisdictions))
    assert LIST_NAME.fullmatch(read.list)
    lost = {name for name, text in cells.items() if text and not _found(read, name)}
    # Who writes out the name of the list that is meant without one loses nothing.
    assert read.trouble is not None or lost <= {"list"}
    assert isinstance(entry_of(row(cells)), Entry if read.trouble is None else Rejection)


@given(st.dictionaries(st.sampled_from([*CELLS[:-1], "source", "reason"]), NEARLY))
def test_no_text_undoes_the_protection_of_a_victim(cells: dict[str, str]) -> None:
    entry = entry_of(row(cells, Role.VICTIM))
    assert isinstance(entry, Entry)
    assert entry.role is Role.VICTIM


def _found(read: Life, name: str) -> bool:
    return bool(getattr(read, name) != getattr(life(), name))


def test_a_row_without_these_cells_says_nothing_of_them() -> None:
    assert life() == Life(None, None, None, None, None, (), DEFAULT_LIST, None)


@given(DAYS, DAYS, DAYS)
def test_days_are_read_back_as_their_first_second_in_utc(one: date, two: date, due: date) -> None:
    first, last = sorted((one, two))
    read = life(first_seen=str(first), last_seen=str(last), review_by=str(due))
    assert read.trouble is None
    assert (read.first_seen, read.last_seen, read.review_by) == tuple(
        datetime(day.year, day.month, day.day, tzinfo=UTC) for day in (first, last, due)
    )
    if first != last:
        assert life(first_seen=str(last), last_seen=str(first)).trouble == "bad_date"


@given(DAYS)
def test_an_expiry_without_a_time_is_the_last_second_of_its_day(day: date) -> None:
    expected = datetime(day.year, day.month, day.day, 23, 59, 59, tzinfo=UTC)
    assert life(expires_at=str(day)).expires_at == expected


@given(st.datetimes(timezones=ZONES), st.sampled_from(["T", "t", " "]))
def test_an_expiry_with_its_offset_is_read_back(moment: datetime, between: str) -> None:
    read = life(expires_at=moment.isoformat().replace("T", between))
    try:
        expected = moment.astimezone(UTC)
    except OverflowError:
        expected = None
    assert read.expires_at == expected
    assert read.trouble == ("bad_expires_at" if expected is None else None)


@given(st.integers(-5, 1_100))
def test_a_confidence_is_read_back_from_0_to_100_and_no_other(number: int) -> None:
    read = life(confidence=str(number))
    expected = (number, None) if 0 <= number <= 100 else (None, "bad_confidence")
    assert (read.confidence, read.trouble) == expected


@given(COUNTRIES, st.sampled_from([" ", ",", ", ", ";", "/", " / "]), st.booleans())
def test_countries_are_read_back_sorted_however_they_are_parted(
    countries: set[str], mark: str, lower: bool
) -> None:
    text = mark.join(countries)
    read = life(jurisdictions=text.lower() if lower else text)
    assert (read.jurisdictions, read.trouble) == (tuple(sorted(countries)), None)


@given(st.from_regex(LIST_NAME, fullmatch=True), st.booleans())
def test_the_name_of_a_list_is_read_back_whatever_its_case(name: str, upper: bool) -> None:
    assert life(list=name.upper() if upper else name).list == name


def test_a_moment_and_the_day_that_it_is_of_are_no_contradiction() -> None:
    read = life(first_seen="2026-11-26T10:00:00Z", last_seen="2026-11-26")
    assert read.trouble is None
    assert read.first_seen == read.last_seen
    assert life(first_seen="2026-11-27T00:00:00Z", last_seen="2026-11-26").trouble == "bad_date"


@pytest.mark.parametrize(
    ("cell", "text", "code"),
    [
        ("confidence", "85%", "bad_confidence"),
        ("confidence", "101", "bad_confidence"),
        ("confidence", "٨٥", "bad_confidence"),
        ("first_seen", "26.11.2026", "bad_date"),
        ("first_seen", "2026-02-29", "bad_date"),
        ("last_seen", "2026-11-26T10:00:00", "bad_date"),
        ("last_seen", "0000-01-01", "bad_date"),
        ("review_by", "soon", "bad_date"),
        ("expires_at", "2026-12-31T12:00:00", "bad_expires_at"),
        ("expires_at", "2026-12-31T25:00:00Z", "bad_expires_at"),
        ("expires_at", "9999-12-31T23:59:59-00:01", "bad_expires_at"),
        ("jurisdictions", "Germany", "bad_jurisdictions"),
        ("jurisdictions", "DE XX", "bad_jurisdictions"),
        ("jurisdictions", "DEUS", "bad_jurisdictions"),
        ("jurisdictions", " ; / ", "bad_jurisdictions"),
        ("jurisdictions", "ﬁ", "bad_jurisdictions"),
        ("jurisdictions", "ß", "bad_jurisdictions"),
        ("list", "2026", "bad_list"),
        ("list", "a" * 33, "bad_list"),
        ("list", "täter", "bad_list"),
    ],
)
def test_what_is_written_otherwise_has_its_code_and_is_left_out(
    cell: str, text: str, code: str
) -> None:
    read = life(**{cell: text})
    assert read.trouble == code
    assert getattr(read, cell) == getattr(life(), cell)
