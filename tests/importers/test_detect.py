"""What a file is: by its content, so that a wrong name does no harm."""

import io
import os
import threading

import pytest

from screening.importers.csv_rows import CuratedFile
from screening.importers.detect import Format, detect_format, open_import
from screening.importers.entry import Role
from screening.importers.foreign_rows import Defaults
from screening.vocabulary.errors import OperatorError
from tests.importers.importing import TODAY, opened, outcomes
from tests.importers.written_workbook import ods, xlsx

PHONE, CANONICAL = "+1 202-555-0134", "+12025550134"
PHONE_OBJECT = {"type": "phone-number", "id": "phone-number--1", "value": PHONE}
LIST = "kind,value,role\nphone,+1 202-555-0134,buyer\n"


@pytest.mark.parametrize(
    ("content", "name", "found"),
    [
        (LIST.encode(), "x.json", Format.CURATED),
        (b"\xef\xbb\xbf\n" + LIST.encode(), "x", Format.CURATED),
        (b"kind,value,role,extra\n", "x.csv", Format.TABLE),
        (b"kind;value;role\n", "x.csv", Format.TABLE),
        (b"kind,value\n", "x.csv", Format.TABLE),
        (b"phone\n+12025550134\n", "x.txt", Format.TABLE),
        (b"Name\tPhone number\n", "x", Format.TABLE),
        (b"sep=;\nphone\n", "x", Format.TABLE),
        (b"\tref\tn\n0\ta\tb\n", "x", Format.TABLE),
        (b"a,b\nc,d\n", "x", Format.TABLE),
        (b"a\n", "x.csv", Format.TABLE),
        (b"", "x.csv", Format.TABLE),
        (xlsx([["a"]]), "x.csv", Format.WORKBOOK),
        (ods(""), "x", Format.WORKBOOK),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "x", Format.WORKBOOK),
        (b"%PDF-1.7\n", "x.csv", Format.DOCUMENT),
        (b"\x89PNG\r\n\x1a\n", "x", Format.DOCUMENT),
        (b'\xef\xbb\xbf {"type": "bundle"', "x.csv", Format.STIX),
        (b'{"objects" : [', "x", Format.STIX),
        (b'{"Event":{', "x", Format.MISP),
        (b'[ {"Event":{', "x", Format.MISP),
        (b'{"response":[', "x", Format.MISP),
        (b'{"a":1}', "x", Format.JSON),
        (b"[note] call +12025550134\n", "x", Format.TEXT),
        (b"Call +12025550134, or mail a@b.example\n", "x", Format.TEXT),
        (b"Met him there, later\nhe came by car, alone\nand left\n", "x", Format.TEXT),
        (b"The phone is in the other room\n", "x", Format.TEXT),
        (b"", "x", Format.TEXT),
    ],
)
def test_a_file_is_known_by_its_content(content: bytes, name: str, found: Format) -> None:
    assert detect_format(content, name) is found


def test_a_curated_list_is_read_as_ever_and_must_say_its_roles_itself() -> None:
    content = f"{LIST}phone,+12025550135,\n,,\n".encode()
    file = opened(content)
    assert list(file) == list(CuratedFile(io.BytesIO(content), file="import"))
    assert outcomes(opened(content))[1] == (3, "unknown_role")
    assert file.columns == ()


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("Call me tomorrow\n", "indexer extract"),
        ('{"a":1}', "neither STIX 2.1 nor MISP"),
        ("%PDF-1.7\n+12025550134", "is a PDF, RTF or picture, which is not read"),
        ('{"Event":', "is no JSON in UTF-8"),
        (b'{"Event":"\xff"}', "is no JSON in UTF-8"),
        ('{"Event":' + "[" * 100_000, "nested too deeply"),
        ('{"Event":{"info":"a","info":"b"}}', "two members of one name"),
        (
            '{"objects":[{"roles":["victim"],"\\"":"\\u0022","roles":[]}]}',
            "two members of one name",
        ),
    ],
)
def test_what_cannot_be_imported_is_refused_in_a_sentence(
    content: bytes | str, sentence: str
) -> None:
    with pytest.raises(OperatorError, match=f"^f .*{sentence}"):
        opened(content, file="f")


@pytest.mark.parametrize(
    "document",
    [
        [{"type": "bundle", "objects": [{"type": "note", "id": "n"}]}, {"objects": [PHONE_OBJECT]}],
        {**PHONE_OBJECT, "spec_version": "2.1"},
        {"Event": [{"info": "x", "Attribute": [{"type": "phone-number", "value": PHONE}]}]},
    ],
)
def test_documents_in_other_shapes_are_read(document: object) -> None:
    assert [code for _, code in outcomes(opened(document))] == [CANONICAL]


@pytest.mark.parametrize(
    ("document", "sentence"),
    [
        ({"type": "bundle", "objects": {"a": PHONE_OBJECT}}, "no object with a type"),
        ({"type": "bundle", "objects": []}, "no object with a type"),
        ({"Event": {"phone": PHONE}}, "no event of MISP"),
        ({"response": []}, "no event of MISP"),
    ],
)
def test_a_document_in_which_nothing_is_known_is_refused(document: object, sentence: str) -> None:
    with pytest.raises(OperatorError, match=f"^f has {sentence}"):
        opened(document, file="f")


@pytest.mark.parametrize("file", ["victims.csv", "Opfer-Liste 2.csv", "case 7 (víctimas).csv"])
def test_a_role_of_all_is_not_laid_upon_a_file_of_victims(file: str) -> None:
    content = f"phone,city\n{PHONE},X\n"
    with pytest.raises(OperatorError, match="called after victims"):
        opened(content, file=file)
    assert len(outcomes(opened(content, file=file, defaults=Defaults(role=Role.VICTIM)))) == 1
    assert outcomes(opened(content, file="child trafficking suspects.csv")) == [(2, CANONICAL)]


def test_marks_within_names_and_texts_are_no_members() -> None:
    said = {'"': '\\"', "\\": ['"', ""], "n": [1.5, True, None]}
    assert outcomes(opened({"type": "bundle", "objects": [{"type": "note", "x": said}]})) == []


def test_json_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("screening.importers.json_document.MAX_BYTES", 64)
    with pytest.raises(OperatorError, match="more than 64 MiB"):
        opened('{"Event":{}}' + " " * 64)


def test_a_pipe_is_read_like_a_file() -> None:
    ends = os.pipe()
    content = (LIST + "phone,+1 202-555-0135,buyer\n" * 5_000).encode()

    def write() -> None:
        with os.fdopen(ends[1], "wb") as pipe:
            pipe.write(content)

    writer = threading.Thread(target=write)
    writer.start()
    with os.fdopen(ends[0], "rb", buffering=0) as pipe:
        rows = list(open_import(pipe, file="f", today=TODAY))
    writer.join()
    assert len(rows) == 5_001
