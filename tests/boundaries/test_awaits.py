"""What others may change meanwhile is read after what is waited for, and never before it."""

import ast

from tests.boundaries.test_sizes import MODULES, ROOT


def lost_counts(text: str) -> list[int]:
    """Return the lines on which something is read, waited for, and written over what is there."""
    return [
        one.lineno
        for one in ast.walk(ast.parse(text))
        if isinstance(one, ast.AugAssign)
        and not isinstance(one.target, ast.Name)  # a local name is nobody else's
        and any(isinstance(part, ast.Await) for part in ast.walk(one.value))
    ]


def test_nothing_is_counted_up_by_what_is_waited_for() -> None:
    found = {str(path.relative_to(ROOT)): lost_counts(path.read_text()) for path in MODULES}
    assert {path: lines for path, lines in found.items() if lines} == {}


def test_a_lost_count_is_found_out() -> None:
    assert lost_counts("async def f(a):\n    a.b += 1 + await c()") == [2]
    assert lost_counts("async def f(a):\n    b |= await c()") == []
    assert lost_counts("async def f(a):\n    d = await c()\n    a.b += d") == []
