"""When a process of the host counts as hung."""

from screening.api.lifeline import Lifeline


def test_a_process_is_silent_after_a_second_of_looks_only() -> None:
    """What goes before may be a stop of all: a process has had no time to show that it lives."""
    now = [100.0]
    lifeline = Lifeline(5.0, clock=lambda: now[0])

    def looks(seconds: float) -> bool:
        now[0] += seconds
        return lifeline.is_silent()

    for _ in range(5):  # stopped again and again
        assert not looks(60.0)
        assert not looks(0.9)
    assert looks(0.2)
    lifeline.show(serves=False)
    assert not looks(0.1)
