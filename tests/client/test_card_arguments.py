"""A card's number among the arguments is warned of: others see it there."""

from pathlib import Path

from tests.client.conftest import GenScreen


def test_a_card_among_the_arguments_is_warned_of_and_answered_all_the_same(
    gen_screen: GenScreen, kit_path: Path
) -> None:
    for command in (["normalise"], ["token", "--kit", kit_path]):
        done = gen_screen(*command, "--kind", "card", "4242 4242 4242 4242")
        assert (done.code, done.out.count("\n"), done.err.count("\n")) == (0, 1, 1)
        assert "others on this machine can see (ps)" in done.err
        assert "write - and give it on stdin" in done.err
        assert "4242 4242" not in done.err
        for kind, given in (("card", "-"), ("phone", "+12025550142")):
            done = gen_screen(*command, "--kind", kind, given, stdin=b"4242 4242 4242 4242\n")
            assert (done.code, done.err) == (0, "")


def test_of_a_card_that_is_refused_programs_read_its_code_alone(gen_screen: GenScreen) -> None:
    done = gen_screen("normalise", "--kind", "card", "4242 4242 4242 4241")
    assert (done.code, done.err.count("\n")) == (2, 1)
    assert done.err.startswith("bad_checksum: ")
