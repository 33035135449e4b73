"""Foreign tables: what their columns are taken as, and that no row of them is lost."""

from datetime import UTC, datetime

import pytest

from screening.importers.detect import Format
from screening.importers.entry import IMPORT_SENTENCES, Rejection, Role
from screening.importers.foreign_rows import Said
from screening.vocabulary.errors import OperatorError
from tests.importers.importing import only_entry, opened, outcomes

PHONE = "+1 202-555-0134"
CANONICAL = "+12025550134"
CARD = "4111111111111111"


def taken_as(content: str) -> dict[str, tuple[str, str]]:
    return {c.name: (c.taken_as, c.by) for c in opened(content).columns}


def test_a_list_with_other_columns_beside_its_own_is_read_and_they_are_named() -> None:
    file = opened(f"case,role,value,kind\n7,Trafficker,{PHONE},Phone\n", defaults=None)
    assert file.format is Format.TABLE
    assert only_entry(file).role is Role.TRAFFICKER
    assert [(c.name, c.taken_as) for c in file.columns] == [
        ("case", "ignored"),
        ("role", "role"),
        ("value", "value"),
        ("kind", "kind"),
    ]


def test_each_selector_of_a_wide_row_is_a_row_of_its_own() -> None:
    file = opened(f"Mobile,Home Phone,E-mail,Card No\n{PHONE},,a@b.example,{CARD}\n")
    assert outcomes(file) == [(2, CANONICAL), (2, "a@b.example"), (2, CARD)]


def test_a_row_says_all_that_its_columns_say() -> None:
    entry = only_entry(
        opened(
            "Telephone;Country;Role;Source reference;Notes;Confidence;Valid until;List name\n"
            "020 7946 0958;gb;facilitator;case 7;seen twice;85;2027-12-31;uk\n",
            defaults=None,
        )
    )
    assert entry.canonical.text == "+442079460958"
    assert (entry.role, entry.source, entry.reason) == (Role.FACILITATOR, "case 7", "seen twice")
    assert (entry.confidence, entry.list) == (85, "uk")
    assert entry.expires_at == datetime(2027, 12, 31, 23, 59, 59, tzinfo=UTC)


def test_what_is_said_of_sightings_and_reviews_is_recognised() -> None:
    columns = taken_as("phone,first_seen,LastSeen,review by,Jurisdiction\n,,,,\n")
    names = ("first_seen", "last_seen", "review_by", "jurisdictions")
    assert [taken for taken, _ in columns.values()] == ["phone", *names]
    assert set(names) < set(Said.__struct_fields__)


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_cells_may_be_parted_by_any_of_the_usual_marks(mark: str) -> None:
    content = f"phone{mark}notes\n{PHONE}{mark}x\n"
    assert outcomes(opened(content)) == [(2, CANONICAL)]


def test_a_first_line_may_tell_what_stands_between_cells() -> None:
    assert outcomes(opened(f"sep=;\nphone;notes, long\n{PHONE};x\n")) == [(3, CANONICAL)]


def test_a_column_whose_name_says_nothing_is_found_by_most_of_its_cells() -> None:
    rows = "".join(f"{n},m{n}@harbour.example\n" for n in range(9))
    file = opened(f"a,b\n{rows}9,none\n")
    assert {c.name: (c.taken_as, c.by) for c in file.columns} == {
        "a": ("ignored", ""),
        "b": ("email", "content"),
    }
    results = outcomes(file)
    assert len(results) == 10
    assert results[-1] == (11, "not_an_email")


def test_of_a_column_whose_cells_belie_its_name_only_those_count_that_look_like_it() -> None:
    file = opened(f"email,phone\na@b.example,no\nc@d.example,no\ne@f.example,{PHONE}\n")
    assert outcomes(file)[2:] == [(4, "e@f.example"), (4, CANONICAL)]
    assert file.columns[1].taken_as == "phone, where a cell looks like one"


@pytest.mark.parametrize(
    "name",
    ["Land", "Pays", "País", "PAIS", "Pai\u0301s", "Nazione", "Country/Region", "ISO-2", "国家"],
)
def test_a_column_of_countries_is_taken_in_the_larger_languages_before_the_region_of_all(
    name: str,
) -> None:
    content = f"phone;{name}\n020 7946 0958;GB\n"
    file = opened(content, region="US")
    assert file.columns[1].taken_as == "region"
    assert outcomes(file) == [(2, "+442079460958")]


@pytest.mark.parametrize("region", ["US", None])
@pytest.mark.parametrize("shape", ["wide", "list"])
def test_a_column_of_countries_under_an_unknown_name_is_refused_where_it_may_count(
    region: str | None, shape: str
) -> None:
    rows = ("020 7946 0958;GB", "020 7946 0959;gb", "020 7946 0960;UK", "202-555-0134;")
    if shape == "list":
        lines = [f"phone;{country};{phone}" for phone, country in (r.split(";") for r in rows)]
        content = "\n".join(["kind;cty;value", *lines])
    else:
        content = "\n".join(["phone;cty", *rows])
    with pytest.raises(
        OperatorError, match=r"column 'cty' of t\.csv looks like countries"
    ) as caught:
        opened(content, file="t.csv", region=region)
    assert "7946" not in str(caught.value)


@pytest.mark.parametrize(
    ("content", "region"),
    [
        ("phone;cty\n+1 202-555-0134;GB\n", None),
        ("phone;language\n202-555-0134;DE\n", "US"),
        ("phone;answered\n202-555-0134;no\n", "US"),
        ("phone;remark\n202-555-0134;GB\n202-555-0134;twice\n", "US"),
        ("phone;cty;country\n202-555-0134;GB;US\n", "GB"),
        ("phone;cty\n202-555-0134;\n", "US"),
    ],
)
def test_a_column_that_says_nothing_of_the_phones_refuses_nothing(
    content: str, region: str | None
) -> None:
    assert outcomes(opened(content, region=region))[0] == (2, CANONICAL)


def test_the_digits_of_a_column_s_name_are_not_shown_where_they_may_be_a_number() -> None:
    names = list(taken_as("phone,case 12345,of 2025550134,of 202-555\n,,,\n"))
    assert names == ["phone", "case 12345", "of ##########", "of ###-###"]


def test_an_expiry_beside_cards_is_not_taken_for_that_of_the_entry() -> None:
    assert taken_as("card,expiry\n,\n")["expiry"] == ("ignored", "")


def test_no_row_is_lost_where_the_first_ones_end_that_are_looked_at() -> None:
    rows = "".join(f"m{n}@harbour.example\n" for n in range(250))
    assert [line for line, _ in outcomes(opened(f"email\n{rows}"))] == list(range(2, 252))


@pytest.mark.parametrize("cells", [",", "12,", "xx,", ",none"])
def test_a_row_that_lists_nothing_is_rejected_once(cells: str) -> None:
    assert outcomes(opened(f"phone,email,notes\n{cells},x\n")) == [(2, "nothing_listed")]
    assert "are empty, or hold something else" in IMPORT_SENTENCES["nothing_listed"]


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("1.20256E+10,", "changed_number"),
        (f"{PHONE},x,y", "wrong_column_count"),
        (f"{PHONE}", "wrong_column_count"),
        (f"{PHONE},\x01", "control_character"),
        (f'{PHONE},"x', "bad_quotes"),
        ("030 23125099,", "region_required"),
    ],
)
def test_a_row_that_cannot_be_read_says_why(row: str, code: str) -> None:
    assert outcomes(opened(f"phone,notes\n{row}\n"))[0] == (2, code)


def test_a_column_of_rounded_cards_is_not_taken() -> None:
    rows = "".join(f"{number}\n" for number in ("4111111111111100", "4242424242424200"))
    assert {code for _, code in outcomes(opened(f"card\n{rows}"))} == {"changed_number"}


def test_a_note_may_have_several_lines() -> None:
    assert outcomes(opened(f'phone;notes\n{PHONE};"a\nb"\n{PHONE};c\n')) == [
        (2, CANONICAL),
        (4, CANONICAL),
    ]


def test_an_open_quotation_mark_swallows_no_row() -> None:
    content = f'phone;notes\n{PHONE};"a\n{PHONE};b\n{PHONE};c"\n{PHONE};d\n'
    assert outcomes(opened(content)) == [
        (2, "bad_quotes"),
        (3, CANONICAL),
        (4, CANONICAL),
        (5, CANONICAL),
    ]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (f"{PHONE},x\n{PHONE},y\n", "the first row of t.csv holds a selector"),
        ("a,b\n1,2\n", "t.csv has no column of phones, cards or e-mails"),
        ("", "t.csv has no header"),
        ("phone\n".encode("utf-16"), "the first row of t.csv: not UTF-8"),
        ("phone,a\n".encode("utf-16-le"), "the first row of t.csv: not UTF-8"),
    ],
)
def test_what_is_no_table_is_refused_in_a_sentence(content: bytes | str, sentence: str) -> None:
    with pytest.raises(OperatorError, match=sentence) as caught:
        opened(content, file="t.csv")
    assert "202" not in str(caught.value)


def test_nothing_shows_what_stood_in_a_cell() -> None:
    for row in opened(f"phone,notes\n{PHONE},secret\nx,secret\n"):
        assert "202" not in repr(row)
        assert "secret" not in repr(row)
    assert isinstance(row, Rejection) or "x" not in repr(row)
    assert repr(Said(reason="secret")) == "Said(...)"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("first", ["", "sep=;\n", "\n\n"])
def test_a_heading_may_have_several_lines(first: str, end: str) -> None:
    header = f'Name;"Telefon{end}(mobil)";E-Mail{end}'
    rows = f"Ana;{PHONE};a@b.example{end}Ben;;c@d.example{end}"
    file = opened(first.replace("\n", end) + header + rows)
    assert [column.taken_as for column in file.columns] == ["ignored", "phone", "email"]
    skipped = first.count("\n")
    assert outcomes(file) == [
        (skipped + 3, CANONICAL),
        (skipped + 3, "a@b.example"),
        (skipped + 4, "c@d.example"),
    ]


def test_a_heading_in_two_columns_may_have_several_lines() -> None:
    content = f'"Telefon\n(mobil)";Name\n{PHONE};A\n'
    assert outcomes(opened(content, file="t.csv")) == [(3, CANONICAL)]


def test_a_row_as_wide_as_the_table_is_swallowed_by_no_cell() -> None:
    content = f'phone,name\n{PHONE},"a\nb,c\nd"\n'
    assert [line for line, _ in outcomes(opened(content))] == [2, 3, 4]


def test_a_heading_of_several_lines_of_which_one_cannot_be_read_is_none() -> None:
    with pytest.raises(OperatorError, match="quotation mark is not closed"):
        opened(b'phone,"na\nm\xe9e"\n+12025550134,x\n', file="t.csv")


@pytest.mark.parametrize("phone", [PHONE, "202-555-0134"])
def test_a_heading_with_an_open_quotation_mark_swallows_no_row(phone: str) -> None:
    with pytest.raises(OperatorError, match="quotation mark is not closed"):
        opened(f'Name;"Telefon\nA;{phone}\nB "x";{phone}\n"C;{phone}\n')
