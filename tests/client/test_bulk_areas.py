"""A file in which the codes of areas stand beside the phones is refused, whoever says a region."""

from pathlib import Path

import pytest

from tests.client.conftest import GenScreen

NATIONAL = "0612345678"


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ("Vorwahl", "030"),
        ("Vorwahl", "30"),
        ("area code", "(030)"),
        ("DDD", "30"),
        ("Vorwahl", "030/"),
        ("Vorwahl", "(0)30"),
        ("Vorwahl", "30.0"),
        ("Vorwahl", "030-"),
        ("Telefonvorwahl", "030"),
        ("Mobilvorwahl", "0151"),
        ("Phone Area", "30"),
        ("\u00c1rea", "030"),
        ("C\u00f3digo de \u00e1rea", "(30)"),
        ("Ortskennzahl", "030"),
        ("\u533a\u53f7", "010"),
        ("\u5e02\u5916\u5c40\u756a", "03"),
        ("alan kodu", "532"),
        ("kierunkowy", "22"),
        ("\u043a\u043e\u0434 \u0433\u043e\u0440\u043e\u0434\u0430", "495"),
        ("City Code", "30"),
        ("STD", "030"),
        ("Tel-Kennzahl", "30"),
        ("ONKZ", "030"),
        ("Lada", "(55)"),
    ],
)
@pytest.mark.parametrize("options", [["--region", "DE"], ["--region-column", "land"]])
def test_area_codes_in_a_column_of_their_own_are_refused(
    gen_screen: GenScreen,
    kit_path: Path,
    tmp_path: Path,
    header: str,
    code: str,
    options: list[str],
) -> None:
    source, out = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_text(f"land,{header},phone\nDE,{code},23125099\nDE,NULL,23125099\n")
    done = gen_screen("bulk", "--kit", kit_path, source, "-o", out, *options)
    assert done.code == 2
    assert f"looks like area codes, '{header}': put them before the numbers" in done.err
    command = ("bulk", "--kit", kit_path, source, "-o", out)
    told = ("--region-column", "land")
    assert gen_screen(*command, *told, "--no-area-column").code == 0
    assert gen_screen(*command, *told, "--no-region-column").code == 2  # it cannot be both


@pytest.mark.parametrize("told", [[], ["--column", "phone=phone"]], ids=["found", "told"])
def test_area_codes_beside_phones_with_a_plus_are_refused_without_a_region_too(
    gen_screen: GenScreen, kit_path: Path, tmp_path: Path, told: list[str]
) -> None:
    source, out = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_text("phone,Area code,email\n+49 23125099,030,jane@booking.test\n")
    command = ("bulk", "--kit", kit_path, source, "-o", out)
    done = gen_screen(*command, *told)
    assert done.code == 2
    assert "looks like area codes, 'Area code': put them before the numbers" in done.err
    assert not out.exists()
    assert gen_screen(*command, *told, "--no-area-column").code == 0
    assert gen_screen(*command, "--overwrite", "--column", "email=email").code == 0  # no phones


@pytest.mark.parametrize(
    ("header", "cells"),
    [
        *(("Vorw.;Telefon", "030;23125123"), ("VW;Telefon", "030;23125123")),
        *(("Ortsnetz;Telefon", "030;23125123"), ("Netz;Telefon", "030;23125123")),
        *(("Pr\u00e9fixe;T\u00e9l.", "030;23125123"), ("Code;Telefon", "(030);23125123")),
        *((";Telefon", "0 30;23125123"), ("Zone;Telefon", "0152/;28817386")),
        *(
            ("\u041a\u043e\u0434;Telefon", "030-;23125123"),
            ("Part 1;Part 2 (phone)", "030;23125123"),
        ),
        *(("Tel. (Vorw.);Tel. (Nr.)", "030;23125123"), ("Tel1;Tel2", "0152;28817386")),
    ],
)
@pytest.mark.parametrize("said", ["--region", "--region-column", None])
def test_area_codes_are_refused_whatever_their_column_is_called(
    gen_screen: GenScreen, kit_path: Path, tmp_path: Path, header: str, cells: str, said: str | None
) -> None:
    source, out = tmp_path / "in.csv", tmp_path / "out.csv"
    code, number = cells.split(";")
    phone = number if said else f"+49 {number}"
    source.write_text(f"id;Land;{header}\n" + f"1;DE;{code};{phone}\n" * 3)
    regions = {"--region": ["--region", "DE"], "--region-column": ["--region-column", "Land"]}
    command = ("bulk", "--kit", kit_path, source, "-o", out, *regions.get(said or "", []))
    done = gen_screen(*command)
    assert done.code == 2
    assert "looks like area codes" in done.err
    assert not out.exists()


def test_rooms_and_postcodes_beside_phones_are_no_area_codes(
    gen_screen: GenScreen, kit_path: Path, tmp_path: Path
) -> None:
    source, out = tmp_path / "in.csv", tmp_path / "out.csv"
    rows = "01067;030;01;+49 30 23125099\n04109;040;02;030 23125099\n"
    source.write_text(f"PLZ;Zimmer;Monat;Telefon\n{rows}")
    done = gen_screen("bulk", "--kit", kit_path, source, "-o", out, "--region", "DE")
    assert done.code == 0, done.err


@pytest.mark.parametrize(
    "content",
    [
        "nr,City,email\n1,030,jane@booking.test\n2,089,joe@booking.test\n",
        "Parking area,phone\n0,+12025550100\n0,+12025550101\n",
        "City,phone\n0,+12025550100\n1,+12025550101\n",
        "Part,phone\n030,+49 30 129832\n",
        "Abteilung,phone\n09,+358 9 3223469\n",
    ],
)
@pytest.mark.parametrize("options", [[], ["--region", "DE"]])
def test_what_is_of_no_phone_or_no_code_refuses_nothing(
    gen_screen: GenScreen, kit_path: Path, tmp_path: Path, content: str, options: list[str]
) -> None:
    source = tmp_path / "in.csv"
    source.write_text(content)
    command = ("bulk", "--kit", kit_path, source, "-o", tmp_path / "out.csv")
    assert gen_screen(*command, *options).code == 0


def test_dialling_codes_beside_a_named_column_of_countries_are_refused(
    gen_screen: GenScreen, kit_path: Path, tmp_path: Path
) -> None:
    source, out = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_text(f"Country,Dial code,phone\nGB,+33,{NATIONAL}\n")
    command = ("bulk", "--kit", kit_path, source, "-o", out)
    done = gen_screen(*command, "--region-column", "Country")
    assert done.code == 2
    assert "looks like area codes, 'Dial code'" in done.err
    assert gen_screen(*command, "--region-column", "Dial code").code == 0
