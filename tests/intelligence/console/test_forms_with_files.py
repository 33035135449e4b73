"""What a browser sends with a file is read in memory; what none sends is refused in a sentence."""

import pytest

from intelligence.console.file_forms import FileForm
from intelligence.console.forms import MAX_BYTES, Form
from intelligence.errors import FormRefused, RequestRefused
from intelligence.staff.roles import Role
from tests.harness.console import multipart
from tests.intelligence.console.staffed import Staffed

BODY, TYPE = multipart({"csrf": "x", "role": "é"}, {"file": ("a b.csv", b"\r\n\x00\xff--b0undary")})
MOST = 1 << 20


def parsed(body: bytes, content_type: str, *, at_once: int = 1 << 16) -> Form:
    """Return the form of a body that comes in pieces of so many bytes."""
    form = FileForm(content_type, "/imports", most_bytes=MOST)
    for first in range(0, len(body), at_once):
        form.take(body[first : first + at_once])
    form.take(b"")
    return form.whole()


@pytest.mark.parametrize("at_once", [1, 7, 64, 1 << 16])
def test_in_whatever_pieces_it_comes_it_is_the_same(at_once: int) -> None:
    for body in (BODY, BODY.removesuffix(b"\r\n")):
        form = parsed(body, TYPE, at_once=at_once)
        assert (form.text("role"), form.file("file").content) == ("é", b"\r\n\x00\xff--b0undary")


@pytest.mark.parametrize("at_once", [1 << 10, 1 << 16, 1 << 24])
def test_of_what_is_too_large_nothing_is_kept_and_all_else_is(at_once: int) -> None:
    large = b"a" * (3 * MOST)
    body, content_type = multipart({"csrf": "x", "pasted": "p"}, {"file": ("a.csv", large)})
    # A browser sends last what stands last on the page.
    last = b'--b0undary\r\nContent-Disposition: form-data; name="role"\r\n\r\nbuyer\r\n'
    body = body.replace(b"--b0undary--", last + b"--b0undary--")
    form = parsed(body, content_type, at_once=at_once)
    assert (form.text("csrf"), form.text("role"), form.text("pasted")) == ("x", "buyer", "p")
    with pytest.raises(FormRefused, match="the file has more than 1 MiB") as refused:
        form.file("file")
    assert refused.value.field == "file"
    assert sum(map(len, form.parts())) < 100


def test_a_text_that_is_too_long_is_named_as_one() -> None:
    body, content_type = multipart({"pasted": "é" * MOST, "role": "buyer"}, {"file": ("", b"")})
    form = parsed(body, content_type)
    with pytest.raises(FormRefused, match="the text has more than 1 MiB") as refused:
        form.text("pasted", most=MOST)
    assert (refused.value.field, form.text("role")) == ("pasted", "buyer")


def test_all_that_is_kept_has_a_bound_however_many_parts_there_are() -> None:
    fields = {f"field-{one}": "x" * MOST for one in range(5)}
    form = parsed(*multipart(fields, {}))
    assert sum(map(len, form.parts())) <= MOST + MAX_BYTES


def test_fields_and_files_are_told_apart() -> None:
    form = parsed(BODY, TYPE)
    assert (form.text("csrf"), form.text("role")) == ("x", "é")
    file = form.file("file")
    assert (file.name, file.content) == ("a b.csv", b"\r\n\x00\xff--b0undary")
    assert "a b" not in repr((form, file))
    with pytest.raises(RequestRefused):
        form.file("other")
    with pytest.raises(RequestRefused):
        form.text("file")


def test_of_no_file_there_is_an_empty_one() -> None:
    form = parsed(*multipart({}, {"file": ("", b"")}))
    assert (form.file("file").name, form.file("file").content) == ("", b"")


def test_a_large_file_is_in_memory_alone() -> None:
    content = b"a" * (1 << 20)
    assert parsed(*multipart({}, {"file": ("a", content)})).file("file").content == content


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
        (BODY.replace(b'; name="role"', b""), TYPE),
        (BODY.replace(b'; name="role"', b';\r\n name="role"'), TYPE),
        (BODY.replace(b"b0undary", b"b" * 1_025), TYPE.replace("b0undary", "b" * 1_025)),
        multipart(dict.fromkeys(map(str, range(300)), ""), {}),
    ],
)
def test_what_no_browser_sends_is_refused(body: bytes, content_type: str) -> None:
    with pytest.raises(RequestRefused):
        parsed(body, content_type)


def test_what_no_import_is_is_not_read_at_all(staffed: Staffed) -> None:
    headers = {"content-type": TYPE, "content-length": str(1 << 30)}
    answer = staffed.browsers[Role.CURATOR].client.post("/imports", content=BODY, headers=headers)
    assert answer.status_code == 413
    assert "an import 4 MiB; go back, and send it in parts" in answer.text
