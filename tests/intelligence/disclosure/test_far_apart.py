"""One phone in countries that nobody gets from one to the other of in the time, and no other."""

import time
from collections.abc import Callable
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intelligence.disclosure.country_circles import COUNTRIES, least_km
from intelligence.disclosure.far_apart import Seen, far_apart
from screening.vocabulary.booking_region import BOOKING_REGIONS
from tests.intelligence.disclosure.room import OTHER, PHONE, Room

NEXT_DOOR = (
    *("DE FR", "DE PL", "GB IE", "GB FR", "US CA", "US MX", "RU FI", "RU CN", "RU US", "IN NP"),
    *("ZA LS", "IT VA", "MY SG", "TH LA", "BR GF", "ES MA", "TR GR", "AE OM", "CL AR", "XK RS"),
)
HOUR_S = 3_600

on_sqlite = pytest.mark.parametrize("kind", ["sqlite"])


def flagged(*seen: tuple[str, float]) -> list[int]:
    """Return which of sightings, each a country and an hour, are too far apart, by their places."""
    found = far_apart(
        Seen(UUID(int=place), int(hour * HOUR_S), region)
        for place, (region, hour) in enumerate(seen)
    )
    return sorted(one.int for one in found)


def test_every_country_that_may_be_told_has_its_place() -> None:
    assert COUNTRIES.keys() == BOOKING_REGIONS


@pytest.mark.parametrize(
    ("pair", "least", "most"),
    # Between the borders, as a map has it; circles take off up to some hundred km.
    [
        ("DE US", 4_500, 6_000),
        ("GB TH", 7_500, 9_000),
        ("AU NZ", 300, 1_500),
        ("BR NG", 2_500, 4_500),
    ],
)
def test_countries_are_never_further_than_from_border_to_border(
    pair: str, least: float, most: float
) -> None:
    one, other = pair.split()
    assert least <= least_km(one, other) <= most
    assert least_km(other, one) == pytest.approx(least_km(one, other))


@pytest.mark.parametrize("pair", NEXT_DOOR)
def test_neighbours_are_never_too_far_apart(pair: str) -> None:
    one, other = pair.split()
    assert flagged((one, 0), (other, 0)) == []


@pytest.mark.parametrize("pair", ["DE TH", "DE US", "GB AE", "NG CN", "BR ES", "XK US"])
def test_two_ends_of_the_world_are_too_far_apart_until_somebody_may_have_flown(pair: str) -> None:
    one, other = pair.split()
    hours = (least_km(one, other) - 500) / 1_000
    assert flagged((one, 0), (other, 0)) == [0, 1]
    assert flagged((one, hours - 0.1), (other, 0)) == [0, 1]
    assert flagged((one, hours + 0.1), (other, 0)) == []


def test_what_lies_between_hides_nothing_and_what_fits_is_not_named() -> None:
    assert flagged(("DE", 0), ("DE", 1), ("FR", 1.5), ("TH", 2), ("FR", 3), ("DE", 40)) == [
        *(0, 1, 2, 3, 4)
    ]
    assert flagged(("DE", 0), ("TH", 20), ("TH", 21), ("US", 22), ("DE", 60)) == [1, 2, 3]
    assert flagged(("DE", 0), ("DE", 0)) == []
    assert flagged(("ZZ", 0), ("DE", 0)) == []
    assert flagged() == []


WHEN_AND_WHERE = st.lists(
    st.tuples(
        st.integers(0, 200_000),
        st.sampled_from(("DE", "FR", "TH", "US", "AU", "BR")),
        st.booleans(),
    ),
    max_size=12,
)


@given(WHEN_AND_WHERE)
def test_of_those_that_are_too_far_apart_the_others_say_nothing(
    told: list[tuple[int, str, bool]],
) -> None:
    """So what does not hold is left out once, and nobody else is looked at again."""
    seen = [Seen(UUID(int=place), at, region) for place, (at, region, _) in enumerate(told)]
    apart = far_apart(seen)
    held = {one.match_id for one, (_, _, is_held) in zip(seen, told, strict=True) if is_held}
    held &= apart
    kept = [one for one in seen if one.match_id in held]
    others = [one for one in seen if one.match_id not in apart]
    assert far_apart(kept + others) == far_apart(kept)
    for one in seen:
        alone = any(far_apart([one, other]) for other in seen if other is not one)
        assert alone is (one.match_id in apart)


def test_many_in_many_countries_cost_little_more_than_to_look_at_each_pair_once() -> None:
    """None is too far from another here, so that no comparison ends early."""
    codes = [f"{number:03}" for number in range(250)]  # of no country, and so next door to all
    seen = [Seen(UUID(int=at), at, codes[at % 250]) for at in range(5_000)]

    def seconds(do: Callable[[], object]) -> float:
        begun = time.process_time()
        do()
        return time.process_time() - begun

    last = dict.fromkeys(codes, 1)
    looked = min(
        seconds(lambda: [any(abs(1 - at) < 0 for at in last.values()) for _ in range(5_000)])
        for _ in range(3)
    )
    assert min(seconds(lambda: far_apart(seen)) for _ in range(3)) < 10 * looked


def told(room: Room, canonical: str, *where: tuple[int, str | None]) -> None:
    """Have sightings come up: each a number, which is its second, too, and a country."""
    room.desk.in_force(canonical)
    room.tell_map(canonical)
    room.tell_records(
        *(room.record(number, canonical, booking_region=region) for number, region in where)
    )
    room.turn()


def timeline(room: Room, number: int) -> list[tuple[object, object]]:
    (found,) = room.ask(room.olga, number)
    return [(one["booking_region"], one["far_apart"]) for one in found.sightings]


def test_the_timeline_tells_the_countries_and_which_are_too_far_apart(room: Room) -> None:
    told(room, PHONE, (1, "DE"), (2, None), (3, "TH"), (2 * 86_400, "DE"))
    assert timeline(room, 1) == [("DE", False), ("TH", True), (None, None), ("DE", True)]
    (found,) = room.ask(room.anna, 3)
    assert found.match["booking_region"] == "TH"
    assert '"sighting_fields":["at","booking_region","far_apart","kind"]' in room.services.records()


@on_sqlite
def test_a_mailbox_is_read_from_anywhere(room: Room) -> None:
    told(room, "jane@booking.example", (1, "DE"), (2, "TH"))
    assert timeline(room, 1) == [("TH", False), ("DE", False)]


@on_sqlite
def test_another_phone_in_another_country_is_nothing(room: Room) -> None:
    told(room, PHONE, (1, "DE"))
    told(room, OTHER, (2, "TH"))
    assert timeline(room, 1) == [("DE", False)]


@on_sqlite
def test_who_follows_is_told_with_what_is_new_that_it_is_too_far_apart(room: Room) -> None:
    told(room, PHONE, (1, "DE"))
    (found,) = room.ask(room.olga, 1)
    room.following.follow(room.olga.who, found.disclosure_id)
    for number, region, expected in ((2, "PL", (1, False)), (3, "TH", (2, True))):
        room.tell_records(room.record(number, PHONE, booking_region=region))
        room.turn()
        (followed,) = room.following.followed(room.olga.who)
        assert (followed.record["new_sightings"], followed.record["far_apart"]) == expected
    room.ask(room.olga, 1)
    (followed,) = room.following.followed(room.olga.who)
    assert (followed.record["new_sightings"], followed.record["far_apart"]) == (0, False)


@on_sqlite
def test_a_retraction_takes_the_countries_along(room: Room) -> None:
    told(room, PHONE, (1, "ZW"), (3, "TH"))
    assert "ZW" in room.stored_text().split()
    room.take_off(PHONE)
    assert room.counts("record", "match") == {"record": 0, "match": 0}
    assert "ZW" not in room.stored_text().split()
