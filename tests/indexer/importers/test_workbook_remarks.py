"""What people have noted on the cells of a workbook is heard as a cell beside them is."""

import pytest

from indexer.importers.entry import Rejection
from tests.indexer.importers.importing import only_rejection, opened, outcomes
from tests.indexer.importers.written_workbook import NAMESPACE, ods, ods_row, xlsx

PHONE = "+1 202-555-0134"
CANONICAL = "+12025550134"
OTHER = "+12025550135"
RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"


def workbook(remarks: str, kind: str = "comments") -> bytes:
    parts = {
        "xl/worksheets/_rels/sheet1.xml.rels": (
            f'<Relationships xmlns="{RELATIONS}"><Relationship Id="rId1" Type="{RELATIONS}/{kind}" '
            'Target="../remarks.xml"/></Relationships>'
        ),
        "xl/remarks.xml": remarks,
    }
    return xlsx([["phone"], [PHONE], [OTHER]], parts=parts)


def comment(place: str, first: str, rest: str) -> str:
    return (
        f'<comments xmlns="{NAMESPACE}"><authors><author>Victim Unit</author></authors>'
        f'<commentList><comment ref="{place}" authorId="0"><text><r><t>{first}</t></r>'
        f"<r><t>{rest}</t></r></text></comment></commentList></comments>"
    )


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
