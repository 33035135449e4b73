"""A plain model of the list: what each change of it makes of a set, and the command for it."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

Selectors = frozenset[tuple[str, str]]
NOTHING: Selectors = frozenset()

CHANGES: Final = (
    "add", "add", "publish", "publish --changes", "retract", "lift", "rollback", "compact"
)  # fmt: skip
"""What may be drawn, the more ordinary ones more often."""


@dataclass(frozen=True)
class State:
    """What is listed and what is retracted; `back` is where a rollback goes.

    `since` is what was retracted since then, lifted or not: a rollback restores none of it.
    """

    listed: Selectors = NOTHING
    retracted: Selectors = NOTHING
    since: Selectors = NOTHING
    back: "State | None" = None

    def after(self, change: str, some: Selectors) -> "State":
        match change:
            case "add" | "publish --changes":
                return State(self.listed | (some - self.retracted), self.retracted, back=self)
            case "publish":
                return State(some - self.retracted, self.retracted, back=self)
            case "retract":
                retracted, since = self.retracted | some, self.since | some
                return State(self.listed - some, retracted, since, self.back)
            case "lift":
                return State(self.listed, self.retracted - some, self.since, self.back)
            case "rollback":
                assert self.back is not None
                listed = self.back.listed - self.retracted - self.since
                return State(listed, self.retracted, self.since | self.back.since, self.back.back)
            case _:
                return self

    def possible(self, change: str, some: Selectors) -> Selectors:
        """Return of which of `some` the change can be made; none where it cannot be made."""
        match change:
            case "add":
                return some - self.retracted
            case "publish" | "publish --changes":  # what is retracted is refused, row by row
                return some if some - self.retracted else NOTHING
            case "lift":
                return some & self.retracted
            case "rollback":
                return some if self.back is not None else NOTHING
            case _:
                return some


def command(
    folder: Path, change: str, some: Selectors, always: Iterable[tuple[str, str]] = ()
) -> list[str]:
    """Return the arguments of `indexer`; a whole list that is published has `always` too."""
    arguments = [f"{kind}:{value}" for kind, value in sorted(some)]
    match change:
        case "add":
            return ["add", *arguments, "--role", "buyer"]
        case "retract":
            return ["retract", *arguments, "--reason", "reassigned"]
        case "lift":
            return ["lift", *arguments]
        case "rollback":
            return ["rollback"]
        case "compact":
            return ["compact", "--all"]
        case _:
            path = folder / "list.csv"
            rows = [*sorted(some), *(always if change == "publish" else ())]
            listed = "".join(f"{kind},{value},buyer\n" for kind, value in rows)
            path.write_text(f"kind,value,role\n{listed}")
            return [*change.split(), str(path), "--allow-shrink"]
