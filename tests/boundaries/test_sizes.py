"""Everything is small enough to be read at once, as docs/architecture.md promises."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
MAX_LINES_OF_A_FILE: Final = 300
MAX_LINES_OF_A_FUNCTION: Final = 40
MAX_POSITIONAL: Final = 4
FOLDERS: Final = (
    "screening",
    "indexer",
    "intelligence",
    "loadtests",
    "supply_chain",
    "examples",
    "tests",
)
MODULES: Final = [path for folder in FOLDERS for path in sorted((ROOT / folder).rglob("*.py"))]

Function = ast.FunctionDef | ast.AsyncFunctionDef


def functions_of(text: str) -> Iterator[Function]:
    return (one for one in ast.walk(ast.parse(text)) if isinstance(one, Function))


def lines_of(function: Function) -> int:
    """Count from `def` to the last line; decorators are not the function's own."""
    return (function.end_lineno or 0) - function.lineno + 1


def positional_of(function: Function) -> int:
    """Count the parameters that may be given by their place, without the object or class itself."""
    names = [one.arg for one in (*function.args.posonlyargs, *function.args.args)]
    return len(names) - (names[:1] in (["self"], ["cls"]))


def too_large(text: str) -> list[str]:
    """Name what in a module is larger than it may be."""
    found = []
    if (lines := len(text.splitlines())) > MAX_LINES_OF_A_FILE:
        found.append(f"{lines} lines")
    for function in functions_of(text):
        if (lines := lines_of(function)) > MAX_LINES_OF_A_FUNCTION:
            found.append(f"{function.name}: {lines} lines")
        # pytest gives tests and fixtures their parameters by name.
        if (count := positional_of(function)) > MAX_POSITIONAL and not _is_of_pytest(function):
            found.append(f"{function.name}: {count} positional parameters")
    return found


def _is_of_pytest(function: Function) -> bool:
    decorators = [ast.unparse(one) for one in function.decorator_list]
    return function.name.startswith("test_") or any("fixture" in one for one in decorators)


def test_no_file_or_function_is_longer_and_none_takes_more_by_place() -> None:
    found = {str(path.relative_to(ROOT)): too_large(path.read_text()) for path in MODULES}
    assert {path: sizes for path, sizes in found.items() if sizes} == {}


def test_what_is_too_large_is_found_out() -> None:
    body = "\n".join(["    pass"] * MAX_LINES_OF_A_FUNCTION)
    assert too_large(f"def long(a, b, /, c, d, *, e):\n{body}") == ["long: 41 lines"]
    assert too_large("def wide(a, b, c, d, e): ...") == ["wide: 5 positional parameters"]
    assert too_large("class A:\n    def fits(self, a, b, c, d, *e, f): ...") == []
    assert too_large("\n" * (MAX_LINES_OF_A_FILE + 1)) == ["301 lines"]
