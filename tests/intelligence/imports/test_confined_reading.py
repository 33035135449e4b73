"""A file that is made to keep its reader busy ends that reader, and nothing else."""

import io
import json
import logging
import subprocess
import sys
import zipfile
from datetime import date
from pathlib import Path

import msgspec
import pytest

from intelligence.errors import FormRefused
from intelligence.imports.confined_reading import Answer, Reader, in_words_of_the_form, spelled
from intelligence.imports.read_upload import (
    Listed,
    ReadUpload,
    Told,
    Unread,
    Upload,
    read_upload,
)
from tests.importers.written_workbook import NAMESPACE, xlsx

TODAY = date(2026, 11, 29)
GOOD = Upload("a.csv", b"Phone,Role\n+12025550142,buyer\n+1202,buyer\n", Told(), TODAY)
ENTITIES = "".join(
    f'<!ENTITY {chr(98 + level)} "{f"&{chr(97 + level)};" * 10}">' for level in range(9)
)


def workbook(sheet: str) -> Upload:
    """Return one whose sheet is this XML."""
    good, changed = io.BytesIO(xlsx([["Phone"], ["+12025550142"]])), io.BytesIO()
    with (
        zipfile.ZipFile(good) as archive,
        zipfile.ZipFile(changed, "w", zipfile.ZIP_DEFLATED) as made,
    ):
        for name in archive.namelist():
            is_sheet = name.endswith("sheet1.xml")
            made.writestr(name, sheet if is_sheet else archive.read(name))
    return Upload("a.xlsx", changed.getvalue(), Told(role="buyer"), TODAY)


def cell(text: str) -> str:
    inside = f'<row r="1"><c r="A1" t="inlineStr"><is><t>{text}</t></is></c></row>'
    return f'<worksheet xmlns="{NAMESPACE}"><sheetData>{inside}</sheetData></worksheet>'


def test_a_file_is_read_as_it_is_read_here() -> None:
    assert Reader().read(GOOD) == read_upload(GOOD)


@pytest.mark.slow
def test_a_workbook_that_unpacks_to_more_than_memory_is_refused() -> None:
    bomb = workbook(cell("A" * (256 << 20)))
    assert len(bomb.content) < 1 << 20
    with pytest.raises(FormRefused, match="more memory or time"):
        Reader(memory_bytes=384 << 20).read(bomb)


def test_a_reader_has_so_much_memory_and_no_more() -> None:
    bundle = json.dumps({"type": "bundle", "objects": [{"type": "x"}]}).encode()
    large = Upload("a.json", bundle + b" " * (3 << 20), Told(), TODAY)
    assert Reader().read(large).rows == []
    with pytest.raises(FormRefused, match="more memory or time"):
        Reader(memory_bytes=16 << 20).read(large)


WRITING = """
import resource, sys
from intelligence.imports.confined_reading import confine
confine(60, 1 << 30)
print(resource.getrlimit(resource.RLIMIT_CORE)[1])
try:
    with open(sys.argv[1], "w") as file:
        file.write("a")
except OSError as error:
    print(error.strerror)
"""


def test_a_reader_writes_no_file_and_leaves_no_core_dump(tmp_path: Path) -> None:
    written = tmp_path / "written"
    done = subprocess.run(
        [sys.executable, "-c", WRITING, str(written)], capture_output=True, text=True, check=True
    )
    dump_bytes, refused = done.stdout.splitlines()
    assert int(dump_bytes) in (0, 1)  # with 1, Linux starts no handler either
    assert refused == "File too large"
    assert written.read_bytes() == b""


def test_one_long_text_of_a_file_does_not_stand_in_each_of_its_rows() -> None:
    read = read_upload(GOOD)
    row = next(one for one in read.rows if isinstance(one, Listed))
    for length, kind in ((2_000, ReadUpload), (20_000, Unread)):
        rows = [msgspec.structs.replace(row, source="A" * length)] * 1_000
        told = spelled(msgspec.structs.replace(read, rows=rows))
        assert isinstance(msgspec.msgpack.decode(told, type=Answer), kind)


def test_a_reader_that_takes_too_long_is_ended() -> None:
    with pytest.raises(FormRefused, match="more memory or time"):
        Reader(cpu_s=0).read(GOOD)


@pytest.mark.parametrize(
    "declared", [f'<!ENTITY a "aaaa">{ENTITIES}', '<!ENTITY j SYSTEM "file:///etc/hostname">']
)
def test_entities_are_not_followed(declared: str) -> None:
    with pytest.raises(FormRefused, match="damaged"):
        Reader().read(workbook(f"<!DOCTYPE l [{declared}]>{cell('&j;')}"))


def test_a_file_that_is_refused_is_not_repeated() -> None:
    with pytest.raises(FormRefused) as refused:
        Reader().read(Upload("rosa.csv", b"rosa@b.example,Leeds\n", Told(), TODAY))
    assert "rosa" not in str(refused.value)


def test_a_defect_of_a_reader_is_told_in_the_log_without_the_file(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.ERROR), pytest.raises(FormRefused, match="cannot be read"):
        Reader().read(Upload("a.csv", GOOD.content, Told(role="no such role"), TODAY))
    assert "ended with 1" in caplog.text
    assert "2025550142" not in caplog.text


def test_what_is_to_be_minded_of_a_file_is_said_in_words_of_the_form() -> None:
    table = b"Number\n2025550142\n2025550143\n"
    (notice,) = Reader().read(Upload("a.csv", table, Told(), TODAY)).notices
    assert notice.text.endswith("choose phone or card for it under Columns")


def test_options_of_a_command_are_called_as_the_form_calls_them() -> None:
    said = in_words_of_the_form("the uploaded file.csv is called so: give --role victim or --sheet")
    assert said == "the uploaded file is called so: give the role victim or the field Sheet"
