"""`indexer spool approver`: whose signatures put an export in force; registered by hand."""

import base64
import binascii

import rich_click as click

from indexer.commands.session import recovered_deployment, say
from indexer.commands.wording import moment


@click.group("approver")
def approver() -> None:
    """Say whose signatures count here. Two people of these sign what lists anybody."""


@approver.command("add")
@click.argument("name")
@click.argument("public_key")
def add_command(name: str, public_key: str) -> None:
    """Register a person's public key: 32 bytes of Ed25519 in base64.

    Have the person read the key's fingerprint out to you, from their own screen, before it counts.

    Example: indexer spool approver add ann 2/pNQ5nHk0VfJ4r1tOD0OAGLbYHTaxbWdwYFKMT9hxo=
    """
    from indexer.spool.setting_up import add_approver

    public = _parse_public(public_key)
    with recovered_deployment() as deployment:
        fingerprint = add_approver(deployment, name, public)
        say(f"{name} approves with key {fingerprint}")


@approver.command("remove")
@click.argument("name")
def remove_command(name: str) -> None:
    """Let a person's signature count no more, of what was signed before either.

    Example: indexer spool approver remove ann
    """
    from indexer.spool.setting_up import remove_approver

    with recovered_deployment() as deployment:
        key_id = remove_approver(deployment, name)
        say(f"key {key_id} of {name} counts no more, and can not be registered again")


@approver.command("list")
def list_command() -> None:
    """Show who approves.

    Example: indexer spool approver list
    """
    from indexer.settings import IndexerSettings
    from indexer.spool.status import registered_approvers
    from screening.spools.batch import ApproverKey

    for one in registered_approvers(IndexerSettings()):
        click.echo(
            f"{ApproverKey(one.public).fingerprint}  {one.name}, since {moment(one.added_at)}"
        )


def _parse_public(text: str) -> bytes:
    try:
        public = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        public = b""
    if len(public) != 32 or base64.b64encode(public).decode() != text:
        raise click.BadParameter(
            "a public key is 32 bytes in base64, 44 characters", param_hint="'PUBLIC_KEY'"
        )
    return public
