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
