"""What a browser sends with a file is read in memory; what none sends is refused in a sentence."""

import pytest

from intelligence.console.forms import parse_upload
from intelligence.errors import RequestRefused
from tests.harness.console import multipart

BODY, TYPE = multipart({"csrf": "x", "role": "é"}, {"file": ("a b.csv", b"\r\n\x00\xff--b0undary")})


def test_fields_and_files_are_told_apart() -> None:
    form = parse_upload(BODY, TYPE)
    assert (form.text("csrf"), form.text("role")) == ("x", "é")
    file = form.file("file")
    assert (file.name, file.content) == ("a b.csv", b"\r\n\x00\xff--b0undary")
    assert "a b" not in repr((form, file))
    with pytest.raises(RequestRefused):
        form.file("other")
    with pytest.raises(RequestRefused):
        form.text("file")


def test_of_no_file_there_is_an_empty_one() -> None:
    form = parse_upload(*multipart({}, {"file": ("", b"")}))
    assert (form.file("file").name, form.file("file").content) == ("", b"")


def test_a_large_file_is_in_memory_alone() -> None:
    content = b"a" * (1 << 20)
    assert parse_upload(*multipart({}, {"file": ("a", content)})).file("file").content == content


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"", TYPE),
        (BODY[:-8], TYPE),
        (BODY, "application/x-www-form-urlencoded"),
        (BODY, "multipart/form-data"),
        (BODY, "multipart/form-data; boundary=other"),
        (BODY, "multipart/form-data; boundary="),
        (b"csrf=x", TYPE),
        (BODY.replace("é".encode(), b"\xff"), TYPE),
        (BODY.replace(b"form-data", b"attachment"), TYPE),
        multipart(dict.fromkeys(map(str, range(300)), ""), {}),
    ],
)
def test_what_no_browser_sends_is_refused(body: bytes, content_type: str) -> None:
    with pytest.raises(RequestRefused):
        parse_upload(body, content_type)
