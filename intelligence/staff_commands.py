"""`intelligence staff`: what the host does for people whom no page lets in."""

import rich_click as click

from intelligence.settings import IntelligenceSettings


@click.group("staff")
def staff_group() -> None:
    """Let somebody in who cannot come in by the console's pages."""


@staff_group.command("invite")
@click.argument("name")
@click.option("--reset-second-factor", is_flag=True, help="Forget their app and codes as well.")
@click.option("--as-it-is", is_flag=True, help="Take what a changed account says for true.")
@click.option("--last-day", help="Another last day of the only administrator's, year-month-day.")
def staff_invite(
    name: str, *, reset_second_factor: bool, as_it_is: bool, last_day: str | None
) -> None:
    """Print a token by which the person with this log-in name chooses a password; on record.

    For an only administrator who has lost phone or password, whose last day has passed, or who has
    nobody left to confirm, and for an account that was changed outside of the console. The service
    has to be stopped meanwhile.

    Example: intelligence staff invite ada@gen.example --reset-second-factor
    """
    from intelligence.commands.inviting import invite

    invited = invite(
        IntelligenceSettings(),
        name,
        forget_factor=reset_second_factor,
        as_it_is=as_it_is,
        last_day=last_day,
    )
    if invited.says is not None:
        click.echo(f"from now on this account is: {invited.says}")
    click.echo(f"token, valid for three days: {invited.token}")
    click.echo("next: intelligence serve, then open /invitation in a browser")
