"""What all commands ask of what is typed: that it is text, and that no output does harm."""

from collections.abc import Iterator
from os import PathLike
from pathlib import Path
from typing import Final

import rich_click as click

from indexer.settings import IndexerSettings
from screening.given_values import TEXT


class _Output(click.Path):
    """A file to be written, refused where it would lie in the home or in the API's share."""

    def convert(
        self,
        value: str | PathLike[str],
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> Path:
        path = Path(value)
        IndexerSettings().refuse_own_folders(path)
        return path


_OUTPUT: Final = _Output()


def guard_parameters(group: click.Group) -> None:
    """Let no command of `group` begin with a string that is no text, or an output that does harm.

    Of bytes that are no UTF-8 neither a reason nor a name could be kept; paths may be of any.
    """
    for parameter in _parameters(group):
        if parameter.type is click.STRING:
            parameter.type = TEXT
        elif _is_output(parameter):
            parameter.type = _OUTPUT


def _is_output(parameter: click.Parameter) -> bool:
    """Tell whether it names a file to write: inputs are arguments here, and have to be there."""
    of = parameter.type
    return isinstance(parameter, click.Option) and isinstance(of, click.Path) and not of.exists


def _parameters(command: click.Command) -> Iterator[click.Parameter]:
    yield from command.params
    if isinstance(command, click.Group):
        for one in command.commands.values():
            yield from _parameters(one)
