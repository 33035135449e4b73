"""How a file is parted, and what stands above its header: as `gen-screen bulk` reads them."""

import io

import pytest

from screening.importers.csv_records import Limits
from screening.importers.delimited import read_heading
from screening.importers.free_text import Taken, TextFile
from screening.importers.physical_lines import physical_lines
from screening.importers.whom import Whom
from screening.vocabulary.errors import OperatorError
from tests.importers.importing import opened, outcomes
from tests.vocabulary.heads import IS_TITLE, OTHERWISE_PARTED, PARTED, PHONE, TITLED


@pytest.mark.parametrize("name", PARTED)
def test_the_header_is_parted_by_what_parts_the_columns(name: str) -> None:
    content, header = PARTED[name]
    assert [column.name for column in opened(content, file="in.csv").columns] == header


def test_a_mark_that_is_not_closed_changes_nothing_of_how_the_others_are_parted() -> None:
    content = f'phone;a, b\n{PHONE};"x\n{PHONE};y\n{PHONE};"z"\n'
    file = opened(content, file="in.csv")
    assert [column.name for column in file.columns] == ["phone", "a, b"]
    assert outcomes(file) == [(2, "bad_quotes"), (3, PHONE), (4, PHONE)]


@pytest.mark.parametrize("content", [*TITLED, *OTHERWISE_PARTED])
def test_what_is_no_header_is_refused(content: str) -> None:
    with pytest.raises(OperatorError, match=r"in\.csv") as caught:
        opened(content, file="in.csv")
    assert OTHERWISE_PARTED.get(content, IS_TITLE) in str(caught.value)


@pytest.mark.parametrize(
    ("first", "region"),
    [
        *(("202-555-0143", None), ("2025550143", None), ("0044 20 7946 0958", None)),
        *(("020 7946 0958", "GB"), ("Tel. 2025550142", None), ("wa.me/12025550142", None)),
    ],
)
def test_what_may_be_a_selector_in_the_first_row_is_not_lost_as_the_name_of_its_column(
    first: str, region: str | None
) -> None:
    with pytest.raises(OperatorError, match=r"the first row of in\.csv holds a selector") as caught:
        opened(f"Ann,{first}\nEve,{PHONE}\n", file="in.csv", region=region)
    assert first not in str(caught.value)


@pytest.mark.parametrize("name", ["Phone (e.g. +12025550143)", "Phone, Format: j.doe@x.example"])
def test_an_example_in_the_name_of_a_column_is_none_that_is_listed_and_is_not_shown(
    name: str,
) -> None:
    file = opened(f'"{name}",note\n{PHONE},x\n', file="in.csv")
    assert outcomes(file) == [(2, PHONE)]
    (shown, _) = (column.name for column in file.columns)
    assert "Phone" in shown
    assert not any(part in shown for part in ("2025550143", "doe", "x.example"))


@pytest.mark.parametrize("content", [*TITLED, *OTHERWISE_PARTED])
def test_a_table_whose_headings_would_not_be_heard_is_not_searched(content: str) -> None:
    with pytest.raises(OperatorError, match=r"in\.csv") as caught:
        TextFile(io.BytesIO(content.encode()), file="in.csv")
    assert OTHERWISE_PARTED.get(content, IS_TITLE) in str(caught.value)
    assert str(caught.value).endswith("; if it is no table, name it .txt")
    TextFile(io.BytesIO(content.encode()), file="in.txt")


@pytest.mark.parametrize(
    "content",
    [
        f"Phone, mobile;Phone of victim, first, last\n+12025550143;{PHONE}\n",
        f"\n;;\nname;phone;phone of victim\nA;+12025550143;{PHONE}\n",
        f"\nsep=;\n\nname, given, or other;phone of victim\nA;{PHONE}\n",
        f'text of a note;phone of victim, or other\n"seen, ""there""";{PHONE}\n',
    ],
)
def test_a_heading_of_victims_is_heard_in_whatever_head(content: str) -> None:
    found = TextFile(io.BytesIO(content.encode()), file="in.csv")
    told = {one.canonical.text: one.told for one in found if isinstance(one, Taken)}
    assert told[PHONE] is Whom.VICTIM


def test_lines_of_a_csv_that_name_nothing_are_searched_as_ever() -> None:
    content = f"seen, there\ncalled {PHONE}\n12:30, nobody\n"
    found = TextFile(io.BytesIO(content.encode()), file="notes.csv")
    assert [one.canonical.text for one in found if isinstance(one, Taken)] == [PHONE]


@pytest.mark.parametrize(("line_breaks", "swallows"), [(31, True), (32, False)])
def test_a_name_of_more_lines_than_any_has_is_a_mark_that_is_not_closed(
    line_breaks: int, swallows: bool
) -> None:
    lines = physical_lines(
        io.BytesIO(b'phone,"note' + b"\n" * line_breaks + b'"\nx,y\n'), max_bytes=1_000
    )
    heading = read_heading(lines, Limits(bytes=1_000, lines=1_000), file="in.csv")
    assert heading is not None
    assert (len(heading.own) > 1) == swallows
