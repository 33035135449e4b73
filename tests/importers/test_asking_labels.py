"""Which labels a `no` denies, behind which it speaks of somebody, and behind which of a child."""

import pytest

from screening.importers.asking_labels import asks_whether
from screening.importers.entry import Rejection
from tests.importers.importing import left_open, opened

PHONE = "+1 202-555-0142"
OF_SOMEBODY = (
    *("Age of victim: n/a", "Victim age: n/a", "Age of girl: n/a", "Girl age: n/a"),
    *("Minor age: n/a", "Age of minor: n/a", "Age victime: n/a", "Edad v\u00edctima: n/a"),
    *("Victim No.: none", "Victim no: none", "Girl No: none", "Minor No.: none", "Child no.: none"),
    *("Rescued: no", "Person rescued: no", "Rescued status: no", "Crime of victim: none"),
    *("Girl of suspect: no", "Child of suspect: none", "Children of subject: no"),
    *("Victim status: none", "Victim status: n/a", "Status of victim: n/a", "Female victim: n/a"),
    *("Victim known: no", "Victim confirmed: no", "No victim: no", "Child victim: no"),
    *("Opferhandy: n/a", "Under 16: no", "Victim present: no", "Adult victim: no", "The minor: no"),
)
DENYING = (
    *("Victim of crime: no", "Victim flag: 0", "Is the subject a victim: no", "VOT: no"),
    *("Victim: no", "Victims: none", "Minor: no", "Potential victim: no", "Victim: n/a"),
    *("Victim of trafficking: no", "Minor present: no", "Child present: no", "Under age: no"),
    *("Trafficked: no", "Menor de edad: no", "Victim (yes/no): no", "Is she a minor?: no"),
    *("- Victim: no", "is_victim: no", "Under-age: no", "Victim or minor: no", "Opfer: nein"),
    *(
        "Ist minderj\u00e4hrig (ja/nein): nein",
        "\u0416\u0435\u0440\u0442\u0432\u0430: \u043d\u0435\u0442",
    ),
    *("Witness: none", "Was acquitted: no", "M\u00f6gliches Opfer: nein", "Minor (y/n): no"),
)


@pytest.mark.parametrize("line", OF_SOMEBODY)
def test_a_no_that_may_be_said_of_a_victim_denies_none(line: str) -> None:
    assert left_open(f"{line}\nPhone: {PHONE}\n") == [True]
    assert left_open(f"Phone: {PHONE}\n{line}\n") == [True]


@pytest.mark.parametrize("line", DENYING)
def test_a_no_that_says_that_nobody_is_one_leaves_nothing_open(line: str) -> None:
    assert left_open(f"{line}\nPhone: {PHONE}\n") == [False]
    assert left_open(f"Phone: {PHONE}\n{line}\n") == [False]


@pytest.mark.parametrize(
    "beside", ["age", "no", "status", "name", "known", "rescued", "of suspect"]
)
@pytest.mark.parametrize("one", ["victim", "minor", "child", "girl", "witness", "opfer"])
def test_a_word_more_than_a_phrase_has_denies_nothing(beside: str, one: str) -> None:
    assert not asks_whether(f"{one} {beside}")
    assert not asks_whether(f"{beside} {one}")


@pytest.mark.parametrize(
    ("heading", "cell", "is_left"),
    [
        *(("Adult", "no", True), ("Is adult", "N", True), ("Adult (yes/no)", "No", True)),
        *(("Over 18", "no", True), ("Over_18", "FALSE", True), ("Of age", "0", True)),
        *(("Vollj\u00e4hrig", "nein", True), ("Majeur", "non", True)),
        *(("Erwachsener", "nein", True), ("Erwachsen (ja/nein)", "nein", True)),
        *(("Erwachsene", "nein", True), ("Ist Erwachsene", "nein", True)),
        *(("Erwachsene (ja/nein)", "nein", True), ("Erwachsene", "12", False)),
        *(("Erwachsene", "Nein.", True), ("Erwachsene", "- nein", True)),
        *(("Ist Erwachsene", "0", True), ("Erwachsene", "0", False)),
        *(("Adult", "yes (12.03.1990)", False), ("Over 18", "yes, checked 2 documents", False)),
        *(("Vollj\u00e4hrig", "ja (Ausweis 12.05.1990)", False), ("Adult", "yes, 15", True)),
        *(("Adult", "yes (12.03.2012)", True), ("Adult", "yes - born 12.03.2012", True)),
        *(("Over 18", "ja (15.06.2010)", True), ("Adult", "yes, 03/12/2011", True)),
        ("Adult", "12.03.2012", True),
        *(("Adult", f"yes, {age}", False) for age in range(18, 30)),
        *(("Over 18", "yes (25)", False), ("Adult", "yes, ID checked 12.05.2025", False)),
        *(("Adult", "ja, gepr\u00fcft am 12.05.2025", False), ("Adult", "yes, 18+", False)),
        *(("Adult", "yes, ID valid until 2030-01-01", False), ("Adult", "yes, ID 2024", False)),
        ("Adult", "yes, 3 March 2012", True),
        *(("Adult", "Yes (15)", True), ("Over 18", "yes; 16 years, 1.70 m", True)),
        *(("Of age", "15", True), ("Mayor de edad", "017", True), ("Of age", "<18", True)),
        *(("Over 18", "no, 15", True), ("Adult", "1", False), ("Of age", "34", False)),
        *(("Of age", "9", True), ("Adult", "2", False), ("Adult", "16", True)),
        *(("Adult", "n/a", False), ("Adult", "Yes/No", False)),
        *(("Adult", "yes", False), ("Adult", "", False), ("Of age", "?", False)),
        *(("Adult", "-", False), ("Over 18", "true", False), ("Adults", "0", False)),
    ],
)
def test_who_is_not_of_age_is_a_child(heading: str, cell: str, is_left: bool) -> None:
    rows = list(opened(f'phone,{heading}\n{PHONE},"{cell}"\n'))
    assert [isinstance(row, Rejection) for row in rows] == [is_left]
    if cell not in ("", "-"):
        assert left_open(f"{heading}: {cell}\nPhone: {PHONE}\n") == [is_left]
