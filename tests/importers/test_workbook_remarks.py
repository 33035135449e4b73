"""What people have noted on the cells of a workbook is heard as a cell beside them is."""

import pytest

from screening.importers.entry import Rejection
from tests.importers.importing import only_rejection, opened, outcomes
from tests.importers.written_workbook import comment, ods, ods_row, remarked

PHONE = "+1 202-555-0134"
CANONICAL = "+12025550134"
OTHER = "+12025550135"


def workbook(remarks: str, kind: str = "comments") -> bytes:
    return remarked([["phone"], [PHONE], [OTHER]], remarks, kind)


@pytest.mark.parametrize(
    ("place", "refused"), [("A2", [True, False]), ("A3", [False, True]), ("A1", [True, True])]
)
def test_a_victim_in_a_comment_is_heard_of_its_row_or_of_all_below_its_heading(
    place: str, refused: list[bool]
) -> None:
    rows = list(opened(workbook(comment(place, "vic", "tims"))))
    assert [isinstance(row, Rejection) and row.protects for row in rows] == refused


def test_a_thread_of_comments_is_heard() -> None:
    thread = '<ThreadedComments><threadedComment ref="A2"><text>Opfer</text></threadedComment>'
    content = workbook(f"{thread}</ThreadedComments>", "threadedComment")
    assert outcomes(opened(content)) == [(2, "unknown_role"), (3, OTHER)]


def test_a_comment_on_something_else_keeps_nobody_from_the_list() -> None:
    content = workbook(comment("A2", "seen ", "twice"))
    assert outcomes(opened(content)) == [(2, CANONICAL), (3, OTHER)]


@pytest.mark.parametrize(("remark", "is_heard"), [("rescued", True), ("seen twice", False)])
def test_a_comment_in_an_ods_is_heard(remark: str, *, is_heard: bool) -> None:
    note = (
        '<office:annotation><dc:creator xmlns:dc="dc">Ann</dc:creator>'
        f"<text:p>{remark}</text:p></office:annotation><text:p>"
    )
    content = ods(ods_row(["phone"]) + ods_row([PHONE]).replace("<text:p>", note))
    if is_heard:
        assert only_rejection(opened(content)).protects
    else:
        assert outcomes(opened(content)) == [(2, CANONICAL)]
