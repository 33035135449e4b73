"""What commands of both hosts say on stderr when they cannot go on: one sentence each."""

import os
from collections.abc import Collection

import rich_click as click
from pydantic import ValidationError


def usage_sentence(error: click.ClickException, program: str) -> str:
    """Say what is wrong with a command line, and where its help is."""
    context = error.ctx if isinstance(error, click.UsageError) else None
    command = context.command_path if context is not None else program
    return f"{error.format_message().rstrip('.')}; see {command} --help"


def settings_sentence(error: ValidationError) -> str:
    """Name the settings that are not valid and what they should be, without their values."""
    wrong = "; ".join(
        f"{problem['loc'][0]}: {problem['msg'].lower()}"
        for problem in error.errors(include_input=False, include_url=False)
    )
    return f"these settings are not valid: {wrong}"


def unknown_settings(known: Collection[str]) -> list[str]:
    """Return the environment variables that look like settings and are none: misspelt, perhaps."""
    names = (name for name in os.environ if name.upper().startswith("SCREENING_"))
    return sorted(name for name in names if name.upper() not in known)


def file_sentence(error: OSError) -> str:
    """Name the file that cannot be used."""
    what = error.filename or "a file"
    return f"{what} cannot be used: {error.strerror}; check path and disk"
