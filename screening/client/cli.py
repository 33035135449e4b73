"""`gen-screen`: the partner's commands. Errors are one sentence on stderr, and an exit code."""

import sys
from collections.abc import Sequence
from io import TextIOWrapper

import rich_click as click

from screening.client.commands.bulk import bulk_command
from screening.client.commands.check import check_command
from screening.client.commands.exits import BAD_INPUT, NOT_KNOWN, exit_code
from screening.client.commands.feedback import feedback_command
from screening.client.commands.notices import notices_command
from screening.client.commands.receipt import receipt_commands
from screening.client.commands.selectors import normalise_command, token_command
from screening.core_dumps import forbid_core_dumps
from screening.installation import EXIT_INTERRUPTED
from screening.streams import (
    EXIT_UNREAD,
    Commands,
    exit_code_stands,
    flush_output,
    tell,
)
from screening.usage import usage_sentence
from screening.vocabulary.errors import NotCanonical, ScreeningError, Unknown


@click.group("gen-screen", cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="screening")
def gen_screen() -> None:
    """Ask whether a phone, card or e-mail is on the list: yes or no, and only tokens are sent.

    A match is a lead for human review, never an automatic refusal or a visible reaction.

    \b
    Example:
      gen-screen check --kit acme.kit.json 'phone:+1 202-555-0100'
      gen-screen bulk --kit acme.kit.json customers.csv -o screened.csv
    """


for _command in (
    normalise_command,
    token_command,
    check_command,
    bulk_command,
    receipt_commands,
    feedback_command,
    notices_command,
):
    gen_screen.add_command(_command)


@exit_code_stands()
def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; never ends in a traceback of bad input."""
    forbid_core_dumps()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    try:
        code = gen_screen.main(arguments, prog_name="gen-screen", standalone_mode=False)
        flush_output()
    except click.Abort:
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        return EXIT_UNREAD
    except (click.ClickException, ScreeningError, OSError) as error:
        return _told(error)
    return code if isinstance(code, int) else 0


def _told(error: click.ClickException | ScreeningError | OSError) -> int:
    """Say in one sentence why a command ends, and return its exit code."""
    match error:
        case click.ClickException():
            sentence, code = usage_sentence(error, "gen-screen"), BAD_INPUT
        case OSError():
            # A full disk behind stdout, as a rule: whoever asked holds no answer.
            trouble = f"the output cannot be written: {error.strerror}; mend that and try again"
            sentence, code = f"gen-screen: {trouble}", NOT_KNOWN
        case NotCanonical():
            sentence, code = f"{error.code}: {error}{_place(error)}", exit_code(error)
        case Unknown():
            # Its own sentence may begin with "no answer": nobody may read that as no.
            trouble = f"the answer is not known, which does not mean no match: {error}"
            sentence, code = f"gen-screen: {trouble}", exit_code(error)
        case _:
            sentence, code = f"gen-screen: {error}{_place(error)}", exit_code(error)
    tell(sentence)
    return code


def _place(error: ScreeningError) -> str:
    return "".join(f" ({note})" for note in getattr(error, "__notes__", ()))


if __name__ == "__main__":
    sys.exit(main())
