"""What every command says on stderr of a command line that is wrong: one sentence."""

import re
from typing import Final

import rich_click as click
from click.exceptions import MissingParameter, NoSuchCommand

_OPTION: Final = re.compile(r"--?[a-z][a-z-]*")
_PATHS: Final = {
    "does not exist.": "there is nothing at that path; check it",
    "is a directory.": "that is a folder; give a file",
    "is a file.": "that is a file; give a folder",
    "is not readable.": "that cannot be read; check its mode, and whose it is",
}
"""What click says of a path, by the last words of it."""


def usage_sentence(error: click.ClickException, program: str) -> str:
    """Say what is wrong with a command line, and where its help is; no value of it is repeated.

    What stands in the wrong place may be a selector, and stderr goes to logs.
    """
    context = error.ctx if isinstance(error, click.UsageError) else None
    command = context.command_path if context is not None else program
    return f"{_without_values(error).rstrip('.')}; see {command} --help"


def _without_values(error: click.ClickException) -> str:
    match error:
        case click.NoSuchOption() if not _OPTION.fullmatch(error.option_name):
            return "a value that begins with - must come after --"
        case NoSuchCommand():
            return "there is no such command"
        case MissingParameter():
            # Of a choice click writes each value into a line of its own.
            return " ".join(error.format_message().split())
        case click.BadParameter(param=click.Parameter() as parameter):
            rule = _rule_of(parameter.type, error.message) or error.message
            return f"invalid value for {_hint_of(parameter, error.ctx)}: {rule}"
        case _ if "unexpected extra argument" in error.format_message():
            return "too many values; put quotation marks around one that has spaces"
        case _:
            return error.format_message()


def _hint_of(parameter: click.Parameter, context: click.Context | None) -> str:
    """Return what a person knows a parameter by: of a choice click names its values instead."""
    if isinstance(parameter, click.Argument) and isinstance(parameter.type, click.Choice):
        return repr(parameter.metavar or str(parameter.name).upper())
    return parameter.get_error_hint(context)


def _rule_of(of: click.ParamType[object], said: str) -> str | None:
    """Return what a value has to be, None of a type that says so without repeating it.

    `said` is click's own sentence, which repeats a path and ends with what is wrong with it.
    """
    match of:
        case click.Choice():
            return f"choose one of {', '.join(map(str, of.choices))}"
        case click.IntRange() | click.FloatRange():
            upper = "up" if of.max is None else f"to {of.max}"
            return f"give a number from {of.min} {upper}"
        case click.Path():
            return next(
                (rule for end, rule in _PATHS.items() if said.endswith(end)),
                "that path cannot be used; check it",
            )
        case _ if of in (click.INT, click.FLOAT):
            return "give a number"
        case _:
            return None
