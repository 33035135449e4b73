"""`gen-screen check`: one booking, yes or no."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import msgspec
import rich_click as click

from screening.client.answers import CheckAnswer
from screening.client.blocking import ScreeningClient
from screening.client.commands.exits import MATCH, NO_MATCH
from screening.client.commands.options import (
    actor_option,
    booking_region_option,
    kit_option,
    timeout_option,
)
from screening.client.derivation import canonicals
from screening.client.kept_receipts import KeptReceipt, require_new, save_new
from screening.client.kit_file import load_kit
from screening.given_values import part_selectors, tell_of_named_cards
from screening.region_option import known_region_option
from screening.streams import readers_may_leave, tell
from screening.vocabulary.errors import InvalidRequest, OperatorError, Unknown
from screening.vocabulary.selector import Canonical
from screening.vocabulary.wire import CHECK_MAX_SELECTORS

REVIEW_NOTE = (
    "A match is a lead for human review: never refuse because of it alone, "
    "and show the customer no reaction."
)
_WORDS = {"match": "MATCH", "no_match": "no match", "unknown": "not known"}


@click.command("check")
@kit_option
@known_region_option
@timeout_option(2_000)
@click.option(
    "--save-receipt",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write a new file to prove later what was asked and answered; it holds tokens, no value.",
)
@actor_option
@booking_region_option
@click.option("--json", "as_json", is_flag=True, help="Print the answer as one line of JSON.")
@click.argument("selectors", metavar="KIND:VALUE...", nargs=-1, required=True)
def check_command(
    *,
    kit: str,
    region: str | None,
    timeout_ms: int,
    save_receipt: Path | None,
    actor: str | None,
    booking_region: str | None,
    as_json: bool,
    selectors: tuple[str, ...],
) -> int:
    """Ask whether the selectors of one booking are on the list.

    Each is written KIND:VALUE, with KIND phone, card or email; KIND:- reads the value from the next
    line of stdin, as card numbers should be: others see arguments. Only tokens leave this machine.

    A match is a lead for human review: never refuse because of it alone, and show the customer no
    reaction. No answer (69) does not mean no match.

    Exit code: 0 no match, 10 match, 2 bad input (nothing was asked), 69 not known, 75 quota,
    77 API key refused, 78 kit wrong.

    \b
    Example:
      gen-screen check --kit acme.kit.json 'phone:+1 202-555-0100' email:jane.doe@example.com
      gen-screen check --kit acme.kit.json card:- < card.txt
      gen-screen check --kit acme.kit.json --save-receipt 1001.receipt.json email:jane@example.com
    """
    loaded = load_kit(kit)
    asked = _canonicals(selectors, region)
    if save_receipt is not None:
        require_new(save_receipt)  # now, when nothing is asked yet
    with ScreeningClient(loaded, timeout_ms=timeout_ms) as client:
        answer = _answer(client, asked, save_receipt, actor=actor, booking_region=booking_region)
    with readers_may_leave():
        if isinstance(answer, Unknown):
            _show_certain(asked, answer, as_json=as_json)
        else:
            _show(asked, answer, as_json=as_json)
    return NO_MATCH if isinstance(answer, CheckAnswer) and answer.result != "match" else MATCH


def _answer(
    client: ScreeningClient,
    asked: Sequence[Canonical],
    save_receipt: Path | None,
    *,
    actor: str | None,
    booking_region: str | None,
) -> CheckAnswer | Unknown:
    """Ask, and save the receipt; an `Unknown` that tells no match is raised."""
    tokens = client.tokens([(one.kind, one.text) for one in asked])
    answer: CheckAnswer | Unknown
    try:
        answer = client.check_tokens(tokens, actor=actor, booking_region=booking_region)
    except Unknown as error:
        if not error.matches:
            raise
        answer = error
    _save(save_receipt, partial(client.keep, tokens, answer))
    return answer


def _save(path: Path | None, kept: Callable[[], KeptReceipt]) -> None:
    """Save a receipt; where that fails the answer is shown all the same, its receipt with it."""
    if path is None:
        return
    try:
        save_new(path, kept())
    except (OperatorError, InvalidRequest) as error:
        tell(f"gen-screen: the receipt is not saved, the answer stands: {error}")


def _canonicals(selectors: Sequence[str], region: str | None) -> list[Canonical]:
    if len(selectors) > CHECK_MAX_SELECTORS:
        raise click.UsageError(
            f"a check takes at most {CHECK_MAX_SELECTORS} selectors; use bulk for more"
        )
    asked = canonicals(part_selectors(selectors), region=region)
    tell_of_named_cards(selectors)  # not before they are taken: programs read why one is not
    return asked


def _show(asked: Sequence[Canonical], answer: CheckAnswer, *, as_json: bool) -> None:
    if as_json:
        _print_json(
            {
                "result": answer.result,
                "results": answer.results,
                "receipt": answer.receipt,
                "opening": answer.opening,
                "list": answer.list,
            }
        )
        return
    _print_results(asked, answer.results)
    if answer.result == "match":
        click.secho("MATCH: on the list.", bold=True)
        click.echo(REVIEW_NOTE)
    else:
        click.secho("No match: none of these is on the list.", bold=True)
    _print_fields(
        receipt=answer.receipt,
        opening=answer.opening,
        list=f"{answer.list.generation}, change {answer.list.seq}, as of {answer.list.as_of}",
    )


def _show_certain(asked: Sequence[Canonical], error: Unknown, *, as_json: bool) -> None:
    """Show matches that are certain although the rest is not known: a lead must not be lost."""
    results = ["match" if i in error.matches else "unknown" for i in range(len(asked))]
    if as_json:
        _print_json(
            {
                "result": "match",
                "results": results,
                "receipt": error.receipt,
                "opening": error.opening,
                "reason": error.reason,
            }
        )
        return
    _print_results(asked, results)
    click.secho("MATCH: on the list. The others are not known; ask again later.", bold=True)
    click.echo(REVIEW_NOTE)
    _print_fields(receipt=error.receipt or "", opening=error.opening or "", reason=error.reason)


def _print_results(asked: Sequence[Canonical], results: Sequence[str]) -> None:
    for canonical, result in zip(asked, results, strict=True):
        word = click.style(f"{_WORDS[result]:10}", bold=result == "match")
        click.echo(f"  {word}  {canonical.kind.value:5}  {canonical.shown()}")
    click.echo()


def _print_fields(**fields: str) -> None:
    click.echo()
    for name, value in fields.items():
        click.echo(f"  {name:8} {value}")


def _print_json(document: dict[str, object]) -> None:
    click.echo(msgspec.json.encode(document).decode())
