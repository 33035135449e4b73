"""What is typed is text: of bytes that are no UTF-8 neither a reason nor a name can be kept."""

from collections.abc import Iterator
from typing import Final

import rich_click as click
from click.types import StringParamType


class _Text(StringParamType):
    """A string as click has it, refused where it holds lone surrogates: what such bytes become."""

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> str:
        text = str(super().convert(value, param, ctx))
        try:
            text.encode()
        except UnicodeEncodeError:
            self.fail("is not UTF-8; set the terminal to UTF-8, and type it again", param, ctx)
        return text


_TEXT: Final = _Text()


def take_text_only(group: click.Group) -> None:
    """Let no command of `group` begin with a string that is no text; paths may be of any bytes."""
    for parameter in _parameters(group):
        if parameter.type is click.STRING:
            parameter.type = _TEXT


def _parameters(command: click.Command) -> Iterator[click.Parameter]:
    yield from command.params
    if isinstance(command, click.Group):
        for one in command.commands.values():
            yield from _parameters(one)
