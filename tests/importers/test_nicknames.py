"""`Baby` and `Kid` where they are a nickname, or part of an address, and say nothing of age."""

import pytest

from screening.importers.victim_words import names_victim
from tests.importers.importing import only_entry, only_rejection, opened

PHONE = "+1 202-555-0134"
HEADINGS_OF_NICKNAMES = [
    "Nickname",
    "Alias",
    "Aliases",
    "Handle",
    "User name",
    "Spitzname",
    "a.k.a.",
]


@pytest.mark.parametrize("heading", HEADINGS_OF_NICKNAMES)
@pytest.mark.parametrize(
    "cell",
    [
        "Baby",
        "kid",
        "Kid Rock",
        "baby_luna",
        "Baby 85",
        "Kid 007",
        "Baby 007",
        "Babies",
        "Kid Blue Moon Star",
        "baby \u0668\u0665",
    ],
)
def test_a_nickname_says_nothing_of_age(heading: str, cell: str) -> None:
    only_entry(opened(f"phone,{heading}\n{PHONE},{cell}\n"))


@pytest.mark.parametrize("heading", HEADINGS_OF_NICKNAMES)
@pytest.mark.parametrize(
    "cell",
    [
        "Baby, 15",
        "Baby (15)",
        "baby15",
        "kid 9",
        "minor",
        "child",
        "victim",
        "baby girl",
        "unknown baby",
        "Maria's baby",
        "Kid (Ana's daughter)",
        "baby (of Ana)",
        "mother of two, who has a baby",
        "who has one baby there",
        "baby \u0661\u0665",
    ],
)
def test_beside_a_nickname_an_age_or_a_victim_is_heard(heading: str, cell: str) -> None:
    assert only_rejection(opened(f'phone,{heading}\n{PHONE},"{cell}"\n')).protects


@pytest.mark.parametrize(
    "text",
    [
        *("https://kid.example/x", "see www.baby.example", "desk@kids.example", "baby.example/kid"),
        "ads on https://x.example/baby-blue, paid in cash",
    ],
)
def test_a_word_of_an_address_is_of_nobody(text: str) -> None:
    assert not names_victim(text)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "baby",
            "baby, see https://x.example",
            "https://x.example (baby)",
            "kid.x",
            "@baby",
            "a kid.no more",
            "x.example/a|baby",
        ),
        *("has a baby.it cried", "https://x.example|baby"),
        *("https://x.example/victim", "https://x.example/minor", "kid@x.example"),
    ],
)
def test_a_word_beside_an_address_is_heard(text: str) -> None:
    assert names_victim(text)
