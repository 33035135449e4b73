"""`gen-screen normalise` and `gen-screen token`: what a selector becomes, without asking anyone."""

import sys
from collections.abc import Callable

import rich_click as click

from screening.client.commands.lines import (
    answer_lines,
    answer_lines_in_threads,
    interrupted_at_once,
    line_answer,
)
from screening.client.commands.options import kit_option, region_option
from screening.client.derivation import TokenSource, derivation_pool
from screening.client.kit_file import load_kit
from screening.given_values import STDIN, read_lines, read_value, tell_of_cards
from screening.vocabulary.normalise import normalise
from screening.vocabulary.normaliser_versions import in_version, newest_version
from screening.vocabulary.selector import Canonical

_kind_option = click.option("--kind", metavar="KIND", help="phone, card or email.")
_jsonl_option = click.option(
    "--jsonl",
    is_flag=True,
    help='Read lines {"kind","raw","region"?} from stdin and write one line for each.',
)


@click.command("normalise")
@_kind_option
@region_option
@click.option("--reveal", is_flag=True, help="Show card numbers whole.")
@_jsonl_option
@click.argument("raw", required=False)
def normalise_command(
    *, kind: str | None, region: str | None, reveal: bool, jsonl: bool, raw: str | None
) -> None:
    """Print the one spelling of a phone, card or e-mail that every party derives.

    RAW is the value as somebody wrote it; - reads it from stdin, as card numbers should be.
    A value that has none ends with exit code 2 and CODE: sentence on stderr.

    \b
    Example:
      gen-screen normalise --kind phone --region US '(202) 555-0100'
      gen-screen normalise --kind card - < card.txt
    """
    if jsonl:
        _refuse_value(kind, raw)
        with interrupted_at_once():
            answer_lines(
                read_lines(sys.stdin.buffer),
                _answering("canonical", region, lambda canonical: _newest(canonical).text),
                sys.stdout.buffer,
            )
        return
    canonical = _newest(_given(kind, raw, region))
    click.echo(canonical.text if reveal else canonical.shown())


@click.command("token")
@kit_option
@_kind_option
@region_option
@_jsonl_option
@click.option("--key-check", is_flag=True, help="Print the kit's key_check instead of a token.")
@click.argument("raw", required=False)
def token_command(
    *,
    kit: str,
    kind: str | None,
    region: str | None,
    jsonl: bool,
    key_check: bool,
    raw: str | None,
) -> None:
    """Print the token of a phone, card or e-mail under a kit's first token key, in base64.

    RAW is the value as somebody wrote it; - reads it from stdin, as card numbers should be.
    A value without a canonical form ends with exit code 2 and CODE: sentence on stderr.

    \b
    Example:
      gen-screen token --kit acme.kit.json --kind email jane.doe@example.com
    """
    source = TokenSource(load_kit(kit))
    if key_check:
        _refuse_value(kind, raw)
        click.echo(source.key_check)
        return
    if jsonl:
        _refuse_value(kind, raw)
        with interrupted_at_once(), derivation_pool() as pool:
            answer_lines_in_threads(
                read_lines(sys.stdin.buffer),
                _answering("token", region, lambda canonical: source.token(canonical).base64()),
                sys.stdout.buffer,
                pool,
            )
        return
    click.echo(source.token(_given(kind, raw, region)).base64())


def _answering(
    name: str, region: str | None, answer: Callable[[Canonical], str]
) -> Callable[[bytes], bytes]:
    return lambda line: line_answer(line, region=region, name=name, answer=answer)


def _newest(canonical: Canonical) -> Canonical:
    return in_version(canonical, newest_version())


def _given(kind: str | None, raw: str | None, region: str | None) -> Canonical:
    if kind is None or raw is None:
        raise click.UsageError("--kind and a value are needed, or --jsonl")
    value = read_value(sys.stdin.buffer) if raw == STDIN else raw
    canonical = normalise(kind, value, region=region)
    tell_of_cards([(kind, raw)], STDIN)  # not before it is taken: programs read why it is not
    return canonical


def _refuse_value(kind: str | None, raw: str | None) -> None:
    if kind is not None or raw is not None:
        raise click.UsageError("--jsonl and --key-check take no kind and no value")
