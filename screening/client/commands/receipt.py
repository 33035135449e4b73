"""`gen-screen receipt`: that an answer is the one on record, proven offline and for good."""

import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

import rich_click as click

from screening.client.blocking import ScreeningClient
from screening.client.commands.exits import DONE, NOT_KNOWN, PROVEN
from screening.client.commands.options import kit_option, timeout_option
from screening.client.commands.waiting import waiting_told
from screening.client.kept_receipts import KeptReceipt, read_kept, read_proof, save_again
from screening.client.kit_file import load_kit
from screening.client.session import OTHER_TIMEOUT_MS_DEFAULT
from screening.private_files import open_regular
from screening.streams import readers_may_leave, tell
from screening.vocabulary.errors import NotProven, OperatorError, Unknown
from screening.vocabulary.printable import printable
from screening.vocabulary.proof import Proof
from screening.vocabulary.wire import BULK_MAX_SELECTORS, CHECK_MAX_SELECTORS

if TYPE_CHECKING:  # signatures need a package that takes as long to import as all else here
    from screening.client.verifying import Proven
    from screening.ledger.log.notes import VerifierKey

_TRIES: Final = 5
"""A record is signed within two seconds of its answer, so the second one has it as a rule."""
_PAUSE_S: Final = 2.0
_KEY_MAX_BYTES: Final = 1 << 12
_WORDS: Final = {"match": "MATCH", "no_match": "no match", "invalid": "not read"}
_FILE: Final = click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
_LOG_KEY: Final = click.option(
    "--log-key",
    metavar="VKEY",
    help="Whose signature is believed: the key of the log as you were given it, or a file with it.",
)


@click.group("receipt")
def receipt_commands() -> None:
    """Prove what was asked and what was answered, from a file of `check --save-receipt`.

    \b
    Example:
      gen-screen receipt fetch --kit acme.kit.json 1001.receipt.json
      gen-screen receipt verify 1001.receipt.json --log-key log.vkey
    """


@receipt_commands.command("fetch")
@click.option(
    "--kit",
    metavar="KIT",
    help="The kit file you were given: the API is asked.",
)
@click.option(
    "--proof",
    "proof_file",
    metavar="PROOF",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Nobody is asked: take what the operator's `screening audit prove` has printed.",
)
@timeout_option(OTHER_TIMEOUT_MS_DEFAULT)
@_LOG_KEY
@_FILE
def fetch_command(
    *, kit: str | None, proof_file: Path | None, timeout_ms: int, log_key: str | None, file: Path
) -> int:
    """Fetch the proof of a receipt, once, and add it to its file.

    Ask within weeks rather than years: a host proves what it answered itself, as long as it is
    there. A proof is added only where it shows what the file says. Again is fine.

    Exit code: 0 the proof is in the file, 65 it does not show what the file says, 69 there is none
    yet, 2 the host has no such record of yours; others as of check.

    \b
    Example:
      gen-screen receipt fetch --kit acme.kit.json 1001.receipt.json
      gen-screen receipt fetch --proof 1001.proof.json 1001.receipt.json
    """
    if (kit is None) == (proof_file is None):
        raise click.UsageError("give --kit to ask the API or --proof with a file: one of them")
    from screening.client.verifying import parse_log_key, verify

    kept, key = read_kept(file), _given_key(log_key)
    if key is None and kept.proof is not None:
        key = parse_log_key(kept.proof.log_key)
    try:
        proof = (
            read_proof(proof_file) if proof_file else _fetched(str(kit), kept.receipt, timeout_ms)
        )
    except Unknown as error:
        tell(f"gen-screen: there is no proof yet, and the answer stands: {error}")
        return NOT_KNOWN
    whole = kept.with_proof(proof)
    proven = verify(whole, key)
    save_again(file, whole)
    with readers_may_leave():
        _show(whole, proven, is_given=log_key is not None)
    return PROVEN


@receipt_commands.command("verify")
@_LOG_KEY
@click.option(
    "--row",
    type=click.IntRange(0, BULK_MAX_SELECTORS - 1),
    help="Show this row alone: I of a bulk answer's RECEIPT.I.",
)
@_FILE
def verify_command(*, log_key: str | None, row: int | None, file: Path) -> int:
    """Check, offline and without a kit, that an answer is the one on record.

    Whose signature is believed you should know from elsewhere: without --log-key it is the key that
    the API named when the proof was fetched.

    Exit code: 0 proven, 65 something differs or is damaged, and what is said, 2 there is no file or
    no proof in it.

    \b
    Example:
      gen-screen receipt verify 1001.receipt.json --log-key log.vkey
    """
    from screening.client.verifying import verify

    kept = read_kept(file)
    if row is not None and row >= len(kept.selectors):
        raise OperatorError(f"the receipt has {len(kept.selectors)} rows, from 0 on; check --row")
    proven = verify(kept, _given_key(log_key))
    with readers_may_leave():
        _show(kept, proven, is_given=log_key is not None, row=row)
    return PROVEN


@receipt_commands.command("key")
@kit_option
@timeout_option(OTHER_TIMEOUT_MS_DEFAULT)
def key_command(*, kit: str, timeout_ms: int) -> int:
    """Print the key that the API names as its log's: keep it, and give it as --log-key later.

    It is the API that names it. Where your operator has handed it over, too, compare the two.

    Exit code: 0 it is printed, 69 the API did not answer; others as of check.

    \b
    Example:
      gen-screen receipt key --kit acme.kit.json > log.vkey
    """
    try:
        with (
            ScreeningClient(load_kit(kit), other_timeout_ms=timeout_ms) as client,
            waiting_told(timeout_ms),
        ):
            key = client.parameters().log_key
    except Unknown as error:
        tell(f"gen-screen: which key the log has is not known; ask again: {error}")
        return NOT_KNOWN
    if key is None or not key.isprintable():
        raise OperatorError("the API names no key of a log yet; ask again in a moment")
    click.echo(key)
    return DONE


def _fetched(kit: str, receipt: str, timeout_ms: int) -> Proof:
    """Ask until the record is signed, as it is after two seconds."""
    with ScreeningClient(load_kit(kit), other_timeout_ms=timeout_ms) as client:
        tries_left = _TRIES
        while True:
            tries_left -= 1
            try:
                with waiting_told(timeout_ms):
                    return client.proof(receipt)
            except Unknown as error:
                if error.reason != "audit" or not tries_left:
                    raise
            time.sleep(_PAUSE_S)


def _given_key(text: str | None) -> "VerifierKey | None":
    """Read a key that was given, or the file that it is in."""
    from screening.client.verifying import parse_log_key

    if text is None:
        return None
    content = None
    with suppress(OSError, ValueError), open_regular(Path(text)) as file:
        content = file.read(_KEY_MAX_BYTES).decode("utf-8-sig", errors="replace").strip()
    try:
        return parse_log_key(text if content is None else content)
    except NotProven as error:
        # Every key has a `+`: without one it was to be a file.
        is_missing = content is None and "+" not in text
        why = "--log-key names no file that can be read" if is_missing else str(error)
        raise OperatorError(
            f"{why}; give what `gen-screen receipt key` prints, or a file that holds it"
        ) from None


def _show(kept: KeptReceipt, proven: "Proven", *, is_given: bool, row: int | None = None) -> None:
    told = len(kept.selectors)
    click.secho("Proven: this was asked, and this was answered.", bold=True)
    click.echo(f"  receipt   {kept.receipt}")
    by = printable(proven.partner)
    click.echo(f"  asked     {printable(proven.at)}, by {by}, with the token key {kept.key_id}")
    unknown = proven.asked - told
    rest = f"; of {unknown} more, that nothing was known" if unknown else ""
    click.echo(f"  answered  {_counts(kept)}{rest}")
    click.echo(f"  list      {printable(proven.generation)}, change {proven.seq}")
    click.echo(
        f"  log       {printable(proven.log)}: record {proven.index + 1} of {proven.size} signed"
    )
    click.echo()
    if row is None and told > CHECK_MAX_SELECTORS:
        click.echo("  --row shows one of them")
    else:
        for number in range(told) if row is None else [row]:
            one = kept.selectors[number]
            click.echo(f"  {number:5}  {_WORDS[one.result]:10}  {one.kind:5}  {one.token}")
    click.echo()
    if not is_given:
        click.echo(
            "The key of the log is the one that came with the proof: compare it with what your "
            "operator handed over, and give it as --log-key."
        )
    click.echo("That the answer was right, or that nothing else was recorded, this does not show.")


def _counts(kept: KeptReceipt) -> str:
    return ", ".join(f"{count} {_WORDS[result].lower()}" for result, count in kept.results.items())
