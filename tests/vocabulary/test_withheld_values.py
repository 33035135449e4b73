"""What is kept from whoever reads a cell: told as that, and never asked about."""

import pytest

from screening.client.bulk.outcomes import cause_sentence
from screening.vocabulary.cells import read_cell
from screening.vocabulary.selector import Canonical, SelectorKind

CARD, EMAIL, PHONE = SelectorKind.CARD, SelectorKind.EMAIL, SelectorKind.PHONE


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        *((CARD, "XXXX XXXX XXXX 0001"), (CARD, "4242 42XX XXXX 4242"), (CARD, "************4242")),
        *((EMAIL, "j***@booking.test"), (EMAIL, "j\u2022\u2022@booking.test")),
        *((EMAIL, "***@booking.test"), (EMAIL, "jane@b***.test"), (EMAIL, "j****e@booking.test")),
        *((EMAIL, "jane (at) booking.test"), (PHONE, "jane[at]booking[dot]test")),
        *((PHONE, "+1 202 *** **00"), (PHONE, "xxx-xxx-0100"), (PHONE, "...0100")),
    ],
)
def test_what_is_withheld_is_told_as_that(kind: SelectorKind, value: str) -> None:
    assert read_cell(kind, value, "US") == "hidden_value"


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        *((CARD, "4242 4242 4242 4242"), (EMAIL, "xx@booking.test"), (EMAIL, "x.x@booking.test")),
        *((PHONE, "+1 202 555 0100"), (PHONE, "202-555-0100 x12"), (EMAIL, "jane@xx.booking.test")),
    ],
)
def test_what_is_whole_is_read(kind: SelectorKind, value: str) -> None:
    assert isinstance(read_cell(kind, value, "US"), Canonical)


@pytest.mark.parametrize(
    "value",
    [
        *("030 23125...", "030 23125\u2026", "030 23125???", "030 23125---", "030 23125 - - -"),
        *("0152 2881\u2026.", "\u202623125123", "... 23125123", "??? 23125123", "--- 23125123"),
        *("() 23125123", "(...)23125123", "030 23125-", "030 23125\u2013", "030 23125 ?"),
        *("030 23125\u25a1\u25a1", "\u25a1 \u25a1 23125123", "030 23..5123", "030-----23125"),
        *("\u22ef23125123", "030 23125\u22ef", "+49 30 23125...", "+49 30 23125 ... (0)"),
        *("030 23125 -", "030 2312 \u2014", "030 23125-.", "030 2312!!!", "030 231\u25cb"),
        *("0-- 23125099", "+49-- 23125099", "030 23125\xb7\xb7", "030 23125\xd7\xd7"),
        *("030 23125++", "\u2217\u2217 23125099", "030 23125\u2b24"),
        *("030 23125\u00af\u00af", "030 23125\u2017\u2017", "030 23125\ufffd\ufffd"),
        *("030 23125\u2605\u2605", "030 23125\u2606\u2606", "030 23125\u2020\u2020"),
        *("030 23125\xa4\xa4", "030 23125$$", "030 23125&&", "030 23125::"),
        "\ufffd\ufffd 23125099",
    ],
)
def test_a_phone_that_is_cut_off_is_no_shorter_one(value: str) -> None:
    assert read_cell(PHONE, value, "DE") == "hidden_value"


@pytest.mark.parametrize(
    "value",
    [
        *(
            "030/23125123",
            "030--23125123",
            "- 030 23125123",
            "\u2022 030 23125123",
            "030 23125123!!",
        ),
        *(
            "030 23125123.",
            "'' 030 23125123 ''",
            "((030) 23125123)",
            "030 - 23 12 51 23",
            "tel://03023125123",
        ),
        *(
            "030-23125-0",
            "\U0001f1ea\U0001f1ea +372 612 3456",
            "++49 30 23125123",
            "030. 23125123",
            "030 23125123,,",
        ),
        *(
            "\u2605\u2605 030 23125123",
            "\xab\xab030 23125123\xbb\xbb",
            "``030 23125123``",
            "|| 030 23125123",
            "\ufffd\ufffd030 23125123",
            "\ufffd\ufffd+49 30 23125123",
        ),
    ],
)
def test_signs_around_a_whole_phone_hide_nothing(value: str) -> None:
    assert isinstance(read_cell(PHONE, value, "DE"), Canonical)


@pytest.mark.parametrize(
    "value",
    [
        *("?? 20 7946 0958", "(??) 20 7946 0958", "... 20 7946 0958", "?2079460958"),
        *("--20 7946 0958", "20 7946 0958...", "9198765432??", "4420794609..", "3312345678??"),
        *("31 20 555 014..", "86 138 1234 5???"),
    ],
)
@pytest.mark.parametrize("region", ["US", "CA"])
def test_what_is_left_of_a_phone_of_any_country_is_none_of_north_america(
    value: str, region: str
) -> None:
    assert read_cell(PHONE, value, region) == "hidden_value"


@pytest.mark.parametrize(
    "value",
    [
        *("+1 202 555 0142--", "+1 202 555 0142 ..", "+12025550142?"),
    ],
)
@pytest.mark.parametrize("region", [None, "US", "GB"])
def test_of_a_whole_phone_that_says_itself_where_it_is_of_no_digit_is_left_out(
    value: str, region: str | None
) -> None:
    assert isinstance(read_cell(PHONE, value, region), Canonical)


@pytest.mark.parametrize("value", ["020 **** 0958", "424242******4242"])
def test_what_is_masked_is_told_as_that_where_marks_stand_beside_a_phone_too(value: str) -> None:
    assert read_cell(PHONE, value, "GB") == "hidden_value"


@pytest.mark.parametrize("value", ["j???@mail.test", "j##@mail.test", "j\u25a1@mail.test"])
def test_any_marks_may_stand_for_a_part_of_an_address(value: str) -> None:
    assert read_cell(EMAIL, value, None) == "hidden_value"


@pytest.mark.parametrize("value", ["JANE@MA\u0130L.TEST", "jane@ma\u0131l.test", "J\u0130M@B.TEST"])
def test_an_address_in_the_capitals_of_turkish_is_none(value: str) -> None:
    assert read_cell(EMAIL, value, None) == "not_an_email"
    assert isinstance(read_cell(EMAIL, "bilgi@\u0131\u015f\u0131k.test", None), Canonical)


@pytest.mark.parametrize("value", ["**jane@booking.test**", "\u2022 jane@booking.test", "call me"])
def test_marks_around_a_value_hide_nothing(value: str) -> None:
    assert read_cell(EMAIL, value, None) != "hidden_value"


def test_the_advice_is_one_that_can_be_followed() -> None:
    assert "--column" in cause_sentence("hidden_value")


@pytest.mark.parametrize("value", ["202-555-0142 x12", "(202) 555-0142 ext 12"])
def test_an_extension_is_no_remark_where_only_the_region_is_missing(value: str) -> None:
    assert read_cell(PHONE, value, None) == "region_required"


@pytest.mark.parametrize("region", ["US", "GB"])
@pytest.mark.parametrize(
    "value",
    ["-- +1 202 555 0142", "...+1 202 555 0142", "() +1 202 555 0142", "- +1 202 555 0142 -"],
)
def test_signs_before_a_plus_stand_for_no_digit(value: str, region: str) -> None:
    assert isinstance(read_cell(PHONE, value, region), Canonical)


@pytest.mark.parametrize(
    "value", ["(202) 555-0142 -", "202-555-0142 \u2022", "1-202-555-0142-", "(202) 555-0142!!!"]
)
def test_one_sign_behind_the_groups_of_north_america_ends_a_line(value: str) -> None:
    assert isinstance(read_cell(PHONE, value, "US"), Canonical)


@pytest.mark.parametrize("value", ["202-555-0142--", "(202) 555-0142 ..", "- 202-555-0142?"])
def test_more_signs_there_are_for_digits_that_are_left_out(value: str) -> None:
    assert read_cell(PHONE, value, "US") == "hidden_value"


@pytest.mark.parametrize("value", ["(212) 555-0142 -", "303 231 2509-", "221 555 2014 \u2022"])
@pytest.mark.parametrize("region", ["GB", "DE"])
def test_such_groups_elsewhere_may_be_cut(value: str, region: str) -> None:
    assert read_cell(PHONE, value, region) == "hidden_value"
