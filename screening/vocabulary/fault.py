"""What is wrong with a body, and where, in the contract's own words.

msgspec's sentences repeat input: the name of an unknown member, the value of an enum. So none is
passed on. Read off them are the fixed words they begin with, and the path they end with, whose
names must be members of the contract; anything else is told without a place.

Of an unknown member only whether its object has a path is read: a name can be made to look like
`x` - at `$.selectors[7]`, and the number would be its sender's.
"""

import re
from collections.abc import Collection
from typing import Final

import msgspec

from screening.vocabulary.errors import InvalidRequest

# A value that msgspec repeats before this path cannot look like the end: a mark follows it.
_PLACE: Final = re.compile(r" - at (?:`key` in )?`\$((?:\.[a-z_]+|\[[0-9]{1,7}\])*)`\Z")
_STEP: Final = re.compile(r"\.([a-z_]+)|\[([0-9]+)\]")
_MISSING: Final = re.compile(r"Object missing required field `([a-z_]+)`")
_UNKNOWN: Final = "Object contains unknown field "
_TYPES: Final = {
    "str": "a string",
    "array": "an array",
    "object": "an object",
    "bytes": "binary (bin)",
}
_FAULTS: Final = (
    (re.compile(r"Expected `str`, got `\w+` - at `key` in "), "has a name that is no string"),
    (re.compile(r"Expected `\w+` of length <= ([0-9]+)"), r"is longer than \1"),
    (re.compile(r"Expected `\w+` of length >= ([0-9]+)"), r"is shorter than \1"),
    (re.compile(r"Expected `str` matching regex "), "is not spelled as the contract says"),
    (re.compile(r"Invalid enum value "), "is not one of the values of the contract"),
    *(
        (re.compile(f"Expected `{name}`, got "), f"is not {meaning}")
        for name, meaning in _TYPES.items()
    ),
)
_ELSE: Final = "is not what the contract says"


def fault_of(
    error: Exception, form: str, members: Collection[str], first_row: int | None = None
) -> InvalidRequest:
    """Return what a reader of JSON or MessagePack (`form`) has found wrong with a request.

    `members` are all names that the contract knows. Where only some rows of its `selectors` were
    read, `first_row` is the number of the first. The error's `pointer` is an RFC 6901 pointer in
    the form of a URI fragment, such as `#/selectors/2/token`; of a missing member, where it would
    be.
    """
    match error:
        case msgspec.ValidationError():
            return _misplaced(str(error), members, first_row)
        case UnicodeDecodeError():
            return _invalid("a string in the body is not UTF-8")
        case RecursionError():
            return _invalid("the body is nested too deeply")
        case _:
            return _invalid(f"the body is not {form}")


def _misplaced(message: str, members: Collection[str], first_row: int | None) -> InvalidRequest:
    if message.startswith(_UNKNOWN):
        if " - at `" in message:
            return _invalid("an unknown member in selectors[...]", ["selectors"])
        return _invalid("an unknown member in the body", [])
    steps = _steps(message, members)
    if first_row is not None:
        steps = ["selectors", *_numbered_from(first_row, steps)]
    missing = _MISSING.match(message)
    if missing and missing[1] in members:
        steps = [*steps, missing[1]]
        return _invalid(f"{_spoken(steps)} is missing", steps)
    found = ((pattern.match(message), fault) for pattern, fault in _FAULTS)
    fault = next((match.expand(fault) for match, fault in found if match), _ELSE)
    return _invalid(f"{_spoken(steps)} {fault}", steps)


def _steps(message: str, members: Collection[str]) -> list[str]:
    place = _PLACE.search(message)
    steps = [name or index for name, index in _STEP.findall(place[1])] if place else []
    return steps if all(step.isdigit() or step in members for step in steps) else []


def _numbered_from(first_row: int, steps: list[str]) -> list[str]:
    return [str(first_row + int(steps[0])), *steps[1:]] if steps else []


def _spoken(steps: list[str]) -> str:
    text = "".join(f"[{step}]" if step.isdigit() else f".{step}" for step in steps)
    return text.removeprefix(".") or "the body"


def _invalid(fault: str, steps: list[str] | None = None) -> InvalidRequest:
    pointer = None if steps is None else "#" + "".join(f"/{step}" for step in steps)
    return InvalidRequest(f"{fault}; see /docs", pointer=pointer)
