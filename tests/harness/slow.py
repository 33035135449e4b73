"""Parameters of which `make test` takes the first, and `make test-slow` the others."""

from collections.abc import Iterable
from typing import Any

import pytest

_Parameters = type(pytest.param())


def slow_but_first(
    kept: int, names: str | tuple[str, ...], values: Iterable[object], **options: Any
) -> pytest.MarkDecorator:
    """Parametrize as `pytest.mark.parametrize` does, and mark all but the first `kept` as slow.

    `kept` is 0 where another test holds the property.
    """
    is_one = isinstance(names, str) and "," not in names
    marked: list[object] = []
    for number, value in enumerate(values):
        given = value if isinstance(value, _Parameters) else pytest.param(*_all(value, is_one))
        slow = [] if number < kept else [pytest.mark.slow]
        marked.append(given._replace(marks=[*given.marks, *slow]))
    return pytest.mark.parametrize(names, marked, **options)


def _all(value: Any, is_one: bool) -> Iterable[object]:
    return (value,) if is_one else value
