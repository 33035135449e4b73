"""What long work tells a person while it runs."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    TextColumn,
    TimeRemainingColumn,
)
from rich.progress import Progress as Bars

Advance = Callable[[int], None]


class Progress(Protocol):
    """Shows stages of work."""

    def stage(self, name: str, total: int | None) -> AbstractContextManager[Advance]:
        """Show one stage; call what it yields with the number of items done since."""
        ...


class Terminal:
    """Bars with the time left on stderr, where that is a terminal."""

    @contextmanager
    def stage(self, name: str, total: int | None) -> Iterator[Advance]:
        """Show one bar, which goes away when the stage is done."""
        console = Console(stderr=True)
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
        )
        with Bars(
            *columns, console=console, transient=True, disable=not console.is_terminal
        ) as bars:
            task = bars.add_task(name, total=total)
            yield lambda done: bars.advance(task, done)
