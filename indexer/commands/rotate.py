"""`indexer rotate`: renew what all partners share."""

from pathlib import Path
from typing import TYPE_CHECKING

import rich_click as click

from indexer.commands.session import recovered_deployment, say, say_where_in_force
from indexer.commands.wording import counted, matches_counted_anew
from indexer.settings import IndexerSettings
from screening.disclosure.keys import PUBLIC_HALVES
from screening.streams import tell
from screening.vocabulary.unix_time import DAY_S

if TYPE_CHECKING:
    from indexer.rotation import ReadingChanges


@click.group("rotate")
def rotate() -> None:
    """Renew what all share. For the keys of one partner see: indexer partner rotate."""


@rotate.command("salt")
def salt_command() -> None:
    """Make a new salt for kits to come; then give each partner a new kit, when it suits them.

    Each run makes another one: run it once, and partner rotate for each partner.

    Example: indexer rotate salt
    """
    from indexer.rotation import rotate_salt

    with recovered_deployment() as deployment:
        new = rotate_salt(deployment)
        say("new kits have a new salt")
        if new.older:
            say(f"give them one by indexer partner rotate: {', '.join(new.older)}")
        if new.again:
            tell(
                f"the last new salt was not in all kits yet; {', '.join(new.again)} had it, and "
                "must have another kit again: once is enough"
            )


@rotate.command("normaliser")
def normaliser_command() -> None:
    """Read the list in the newest normaliser version; then give each partner a new kit.

    Kits of the version before hold until they are retired, as after every indexer partner rotate.

    Example: indexer rotate normaliser
    """
    from indexer.rotation import rotate_normaliser

    with recovered_deployment() as deployment:
        reading = rotate_normaliser(deployment)
        if reading.changes is None:
            say(f"the list is read by normaliser {reading.normaliser}, the newest there is")
        else:
            say(f"the list is read by normaliser {reading.normaliser}, and so are new kits")
            _say_changes(reading.changes)
        if reading.older:
            say(f"give new kits by indexer partner rotate: {', '.join(reading.older)}")
        say_where_in_force(deployment)


@rotate.command("pepper")
@click.option(
    "--overlap-days",
    type=click.IntRange(0, 365),
    default=1,
    show_default=True,
    help="For how long the old pepper is kept.",
)
@click.option("--without-hosts", is_flag=True, help="Permit it where no API host is running.")
def pepper_command(*, overlap_days: int, without_hosts: bool) -> None:
    """Renew the pepper, in two runs: make the next one; then build all indexes with it.

    Between the two, bring pepper-next.key of the API's share into the secrets folder of every API
    host; the second run refuses to go on while one lacks it. No answer changes. Leave what is there
    as it is until indexer compact says what to do on every API host, once the overlap is over.

    Example: indexer rotate pepper
    """
    from indexer.rotation import PepperStep, rotate_pepper

    with recovered_deployment() as deployment:
        step = rotate_pepper(
            deployment, overlap_s=overlap_days * DAY_S, without_hosts=without_hosts
        )
        if step is PepperStep.GIVEN:
            folder = deployment.settings.secrets
            say(f"the next pepper is {folder / 'pepper-next.key'}: bring it to every API host")
            say("then run this again")
            return
        say(
            "every index is built with the new pepper; leave the API hosts' files as they are until"
        )
        say("indexer compact, run daily, says that the old one is removed and what to do with them")
        say(matches_counted_anew("of every partner", "NAME"))
        say_where_in_force(deployment)


@rotate.command("disclosure")
def disclosure_command() -> None:
    """Make a new disclosure key, to which matches on record are sealed from then on.

    What was sealed before is still opened by the private halves before: keep those as well.

    Example: indexer rotate disclosure
    """
    from indexer.deployment import rotate_disclosure_key

    settings = IndexerSettings()
    say_where_to_move(rotate_disclosure_key(settings))
    say(
        f"bring {settings.secrets / PUBLIC_HALVES} to every API host, in place of the one there: "
        "within two minutes, without a restart, it seals to the new key"
    )


def say_where_to_move(private_half: Path) -> None:
    """Say what becomes of a private half that was made just now."""
    say(
        f"private half of the disclosure key in {private_half}: move it to the host of the "
        "authorised channel, keep a copy off-line and none here: without it, no match on record "
        "can be opened again"
    )


def _say_changes(changes: "ReadingChanges") -> None:
    changed, taken_off = changes.respelling, changes.taken_off
    respelled = counted(changed.respelled, "selector has", "selectors have")
    say(f"{respelled} another form; {changed.merged} became one")
    if changed.lapsed:
        lapsed = counted(changed.lapsed, "override", "overrides")
        say(f"{lapsed} lapsed: see indexer exclusions, and give what is right anew")
    for number, what in (
        (taken_off.protected, "because another spelling is a victim's"),
        (taken_off.retracted, "because another spelling was retracted"),
        (taken_off.excluded, "because a safety list says so now"),
        (taken_off.corrected, "because the source of another spelling has corrected it"),
    ):
        if number:
            gone = counted(
                number,
                "was listed before, and is not any more",
                "were listed before, and are not any more",
            )
            say(f"  {gone}, {what}")
