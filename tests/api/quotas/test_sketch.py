"""The sketch counts different hashes, as Redis counts them, and forgets none in merging."""

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screening.api.quotas.sketch import REGISTERS, Sketch, estimate, is_sketch, to_redis, union
from tests.harness.valkey import Valkey

FAR_OFF = 0.05
"""Six times the standard error: in a random test, that is never."""

macs = st.binary(min_size=32, max_size=32)


def sketch_of(some: list[bytes]) -> Sketch:
    sketch = Sketch()
    sketch.add(some)
    return sketch


@pytest.mark.parametrize("count", [0, 1, 7, 300, 20_000, 200_000])
def test_different_hashes_are_counted_as_redis_counts_them(valkey: Valkey, count: int) -> None:
    some = [os.urandom(32) for _ in range(count)]
    registers = sketch_of(some + some[: count // 2]).registers
    with valkey.client() as client:
        client.set("here", to_redis(registers))
        client.set("there", to_redis(sketch_of(some[::2]).registers))
        counted = client.pfcount("here")
        assert client.pfcount("here", "there") == counted
    assert estimate(registers) == counted
    assert abs(counted - count) <= max(1 + count // 100, FAR_OFF * count)


def test_the_rarest_hash_has_the_highest_rank_and_redis_takes_it(valkey: Valkey) -> None:
    registers = sketch_of([bytes(32), b"\xff" * 32, b""]).registers
    assert (registers[0], registers[-1]) == (51, 1)
    with valkey.client() as client:
        client.set("here", to_redis(registers))
        assert client.pfcount("here") == 2


@given(st.lists(macs, max_size=40), st.lists(macs, max_size=40))
def test_a_union_is_the_sketch_of_both(some: list[bytes], others: list[bytes]) -> None:
    both = sketch_of(some + others).registers
    assert union([bytes(sketch_of(some).registers), bytes(sketch_of(others).registers)]) == both


@given(st.lists(macs, max_size=40), st.lists(macs, max_size=40))
def test_what_was_raised_is_raised_in_another_once(some: list[bytes], others: list[bytes]) -> None:
    sketch = sketch_of(some)
    told = sketch.raise_in(bytes(sketch_of(others).registers))
    assert told == sketch_of(some + others).registers
    sketch.go_on_from(told)
    assert told == sketch.registers
    assert not sketch.raised
    assert sketch.raise_in(bytes(REGISTERS)) == bytes(REGISTERS)


@pytest.mark.parametrize("content", [b"", bytes(REGISTERS - 1), bytes(REGISTERS - 1) + b"\x34"])
def test_what_is_no_sketch_is_told(content: bytes) -> None:
    assert not is_sketch(content)
    assert is_sketch(bytes(REGISTERS - 1) + b"\x33")
