"""Days and years of birth, and ages, in whatever form a table has them."""

import pytest

from tests.importers.importing import only_entry, only_rejection, opened

PHONE = "+1 202-555-0134"


@pytest.mark.parametrize(
    "cell",
    [
        *("2012", "2012-03-12", "12/03/12", "12-Mar-12", "3 Mar '12", "12 Mar 12", "Mar-12"),
        *("3/12", "40980", "40980.0", "'12", "12", "20120312", "010112", "120101", "201203"),
        *("٢٠١٢-٠٣-٠٤", "２０１２年３月４日", "२०१२", "۲۰۱۲/۰۳/۰۴"),
    ],
)
def test_who_was_born_less_than_18_years_ago_is_left_to_a_person(cell: str) -> None:
    assert only_rejection(opened(f"phone,date of birth\n{PHONE},{cell}\n")).protects


@pytest.mark.parametrize(
    "cell",
    [
        *("1980", "12-Mar-85", "3 Mar '79", "29292", "85", "n/a", "", "12 March 1985", "010185"),
        *("198003", "990101", "١٩٨٠-٠٣-٠٤", "１９８０年３月４日", "999999"),
    ],
)
def test_who_is_of_age_or_of_whom_it_is_not_told_is_listed(cell: str) -> None:
    only_entry(opened(f"phone,date of birth\n{PHONE},{cell}\n"))


@pytest.mark.parametrize("heading", ["DoB", "SubjectDoB", "D.o.B.", "DoB (dd/mm/yyyy)", "DOB"])
def test_a_heading_of_births_may_be_short_and_have_small_letters(heading: str) -> None:
    assert only_rejection(opened(f"phone,{heading}\n{PHONE},2012-03-04\n")).protects
    only_entry(opened(f"phone,{heading}\n{PHONE},1980-03-04\n"))


@pytest.mark.parametrize(
    "heading",
    [
        *(
            "Дата рожд.",
            "ДР",
            "Д.\u0440.",
            "Data ur.",
            "Date de naiss.",
            "Data de Nasc.",
            "Tgl Lahir",
        ),
        *("Fecha Nac.", "Geb.-Dat.", "जन्म तिथि", "วันเกิด"),
    ],
)
def test_a_heading_of_births_may_be_short(heading: str) -> None:
    assert only_rejection(opened(f"phone,{heading}\n{PHONE},2012-03-04\n")).protects
    only_entry(opened(f"phone,{heading}\n{PHONE},1980-03-04\n"))


@pytest.mark.parametrize("heading", ["Имя и др.", "Amateur", "Data"])
def test_a_heading_with_such_letters_is_of_something_else(heading: str) -> None:
    only_entry(opened(f"phone,{heading}\n{PHONE},2012-03-04\n"))


@pytest.mark.parametrize(
    "heading",
    [
        *("Name, geb.", "Name (YOB)", "Name, geb. am", "Name/birthday", "Name, birth"),
        *("Country / YOB", "Pays / n\u00e9 le", "Birthplace / YOB", "Name (born)"),
    ],
)
def test_a_birth_may_stand_behind_a_name_or_a_place(heading: str) -> None:
    content = f'phone,"{heading}"\n{PHONE},"Meier Lena, 12.03.2012"\n'
    assert only_rejection(opened(content)).protects


@pytest.mark.parametrize(
    "text",
    [
        *("Lena M., D.O.B.: 12/03/2012, stays with him", "D.O.B. 4 March 2012"),
        *("born in Douala, Cameroon, on 4 March 2012", "n\u00e9e au Cameroun le 4 mars 2012"),
        *("* 12.03.2012 in Frankfurt am Main", "b. 4 March 2012", "* 12. M\u00e4rz 2012"),
        *("Lena (* 4 March 2012)", "ur. 12 marca 2012"),
    ],
)
def test_a_birth_in_a_text_is_heard(text: str) -> None:
    assert only_rejection(opened(f'phone,Notes\n{PHONE},"{text}"\n')).protects


@pytest.mark.parametrize(
    "text", ["born in Kyiv, came here on 4 March 2012", "born 4 March 1990, married 12 May 2012"]
)
def test_another_day_is_no_birth(text: str) -> None:
    only_entry(opened(f'phone,Notes\n{PHONE},"{text}"\n'))


@pytest.mark.parametrize(
    "heading",
    ["Altersgruppe", "Age group", "Alter", "Idade", "Years old", "y/o", "How old are you?"],
)
def test_ages_stand_in_columns_of_groups_too(heading: str) -> None:
    assert only_rejection(opened(f"phone,{heading}\n{PHONE},14\n")).protects
    only_entry(opened(f"phone,{heading}\n{PHONE},41\n"))


@pytest.mark.parametrize(
    "cell", ["\u0661\u0665", "\uff11\uff15", "15", "<18", "< 16", "U16", "under 18", "menor de 18"]
)
def test_an_age_below_18_is_left_to_a_person(cell: str) -> None:
    assert only_rejection(opened(f"phone,age\n{PHONE},{cell}\n")).protects


@pytest.mark.parametrize("cell", ["41", ">18", "18", "U.S.", "unknown", "0"])
def test_any_other_age_is_listed(cell: str) -> None:
    only_entry(opened(f"phone,age\n{PHONE},{cell}\n"))


@pytest.mark.parametrize(
    "heading",
    [
        *("Lieu de naissance", "Place of birth", "Birthplace", "Geburtsort", "Lugar de nacimiento"),
        *(
            "Miejsce urodzenia",
            "\u041c\u0435\u0441\u0442\u043e \u0440\u043e\u0436\u0434\u0435\u043d\u0438\u044f",
            "Luogo di nascita",
            "Geburtsname",
        ),
    ],
)
@pytest.mark.parametrize("cell", ["Marseille (13)", "Paris 12e", "Wien 16"])
def test_a_place_or_a_name_of_birth_tells_no_year(heading: str, cell: str) -> None:
    only_entry(opened(f"phone,{heading}\n{PHONE},{cell}\n"))


@pytest.mark.parametrize(
    "cell", ["15y", "15yrs", "15J", "c. 15", "c15", "+/- 15", "16ish", "017", "8m", "15,5"]
)
@pytest.mark.parametrize("heading", ["Age", "Alter", "Edad", "Wiek"])
def test_an_age_may_be_spelled_as_people_do(heading: str, cell: str) -> None:
    assert only_rejection(opened(f'phone,{heading}\n{PHONE},"{cell}"\n')).protects


@pytest.mark.parametrize("cell", ["35 (2 kidneys)", "45", "18+", "1980", "n/a", "unknown"])
def test_an_age_of_18_and_more_is_none_of_them(cell: str) -> None:
    only_entry(opened(f"phone,Age\n{PHONE},{cell}\n"))


@pytest.mark.parametrize(
    "text",
    [
        *("tengo 15 a\u00f1os", "j'ai 15 ans", "mam 15 lat", "naci\u00f3 en 2012", "rocznik 2012"),
        *("naci\u00f3 el 12/03/2012", "urodzi\u0142a si\u0119 w 2012"),
    ],
)
def test_a_child_says_its_age_or_birth_in_its_own_words(text: str) -> None:
    assert only_rejection(opened(f'phone,Notes\n{PHONE},"{text}"\n')).protects


@pytest.mark.parametrize(
    "text",
    [
        *("nacido en Lima, detenido en 2019", "geboren in Kiew, verhaftet 2019"),
        *("born in Kyiv, deported 2015", "urodzony w Kijowie, zatrzymany 2019"),
    ],
)
def test_what_happened_in_a_year_is_no_birth(text: str) -> None:
    only_entry(opened(f'phone,Notes\n{PHONE},"{text}"\n'))


@pytest.mark.parametrize(
    "heading",
    [
        *("Date et lieu de naissance", "Name and date of birth", "Date/place of birth"),
        *("Fecha y lugar de nacimiento", "Geburtsdatum und Geburtsort", "Data e luogo di nascita"),
    ],
)
def test_a_day_beside_the_place_of_birth_is_heard(heading: str) -> None:
    assert only_rejection(opened(f'phone,{heading}\n{PHONE},"04/03/2012, Lyon"\n')).protects


@pytest.mark.parametrize(
    "text",
    [
        *("* {}.{}.{}", "Lena, * {}.{}.{}", "* {}.{}.{} in Wien", "* {}/{}/{}; blond"),
        *(
            "{}.{}.{} \u0433. рождения",
            "{}.{}.{} \u0433.рожд.",
            "ur. w Krakowie w {2}",
            "ur. w {2}",
        ),
        *("ur. dnia {}.{}.{}", "urodz. w {2}", "ur. {}.{}.{}"),
        *("*{}/{}/{}", "*{}-{}-{}", "*{2}", "Lena, *{2}, blonde", "(*{}/{}/{})", "*{2}-{1}-{0}"),
        *(
            "bday {}/{}/{}",
            "B-Day: {}.{}.{}",
            "her bday is {}/{}/{}",
            "bday is on {}/{}/{}",
            "bday on {2}-{1}-{0}",
        ),
    ],
)
def test_a_birth_is_told_by_a_star_and_by_abbreviations(text: str) -> None:
    def noted(year: str) -> str:
        return f'phone,Notes\n{PHONE},"{text.format("12", "03", year)}"\n'

    assert only_rejection(opened(noted("2012"))).protects
    only_entry(opened(noted("1980")))


@pytest.mark.parametrize(
    "text",
    [
        *(
            "* 12.3.2020 called",
            "* 12.3.2020: rang",
            "*2020 called",
            "*1/2 price",
            "*2019/2020",
            "bday party 12/03/2020",
            "seen, **2012**",
            "kontur. w 2012",
            "12.03.2012 \u0433. задержан",
        ),
        "12.3.1980 \u0433. рождения, паспорт 2012",
    ],
)
def test_a_day_behind_the_mark_of_a_list_is_no_birth(text: str) -> None:
    only_entry(opened(f'phone,Notes\n{PHONE},"{text}"\n'))


@pytest.mark.parametrize("heading", ["Bday", "B-day", "B-Day", "B day", "B'day"])
def test_a_heading_of_birthdays_may_be_short(heading: str) -> None:
    assert only_rejection(opened(f"phone,{heading}\n{PHONE},2012-03-04\n")).protects
    only_entry(opened(f"phone,{heading}\n{PHONE},1980-03-04\n"))


@pytest.mark.parametrize("heading", ["Lebensalter", "Lebensalter (Jahre)"])
def test_years_of_life_are_an_age(heading: str) -> None:
    assert only_rejection(opened(f"phone,{heading}\n{PHONE},15\n")).protects
    only_entry(opened(f"phone,{heading}\n{PHONE},51\n"))
