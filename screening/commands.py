"""What commands of both hosts say of their settings and files: one sentence each."""

import os
from collections.abc import Collection

from pydantic import ValidationError
from pydantic_core import ErrorDetails


def settings_sentence(error: ValidationError) -> str:
    """Name the settings that are not valid and what they should be, without their values."""
    wrong = "; ".join(
        f"{problem['loc'][0]}: {_said(problem)}"
        for problem in error.errors(include_input=False, include_url=False)
    )
    return f"these settings are not valid: {wrong}"


def _said(problem: ErrorDetails) -> str:
    """Return our own sentence as it stands, or that of pydantic."""
    own = problem.get("ctx", {}).get("error")
    if own is not None:
        return str(own)
    sentence = problem["msg"]
    return sentence[:1].lower() + sentence[1:]


def unknown_settings(program: str, prefix: str, known: Collection[str]) -> list[str]:
    """Name the environment variables that look like settings and are none: misspelt, perhaps."""
    names = sorted(name for name in os.environ if name.upper().startswith(prefix))
    return [
        f"{name} is no setting of {program} and has no effect"
        for name in names
        if name.upper() not in known
    ]


def file_sentence(error: OSError) -> str:
    """Name the file that cannot be used."""
    what = error.filename or "a file or the output"
    return f"{what} cannot be used: {error.strerror}; check path and disk"
