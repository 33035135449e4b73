"""`indexer partner`: what a curator gives a partner, and says of it."""

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Final

import rich_click as click

from indexer.commands.key_wording import end_of_old_keys
from indexer.commands.partner_keys import OVERLAP_DAYS, partner_key
from indexer.commands.partner_limits import partner_lift, partner_limits
from indexer.commands.session import recovered_deployment, say, say_where_in_force
from indexer.commands.wording import matches_counted_anew, moment, scopes_of
from screening.streams import tell
from screening.vocabulary.unix_time import DAY_S

if TYPE_CHECKING:
    from indexer.deployment import Deployment
    from indexer.list.policy import Policy
    from indexer.partners.rotate import NewKeys, Rotated

_POLICY_OPTIONS: Final = (
    click.option("--kinds", help="Of phone,card,email; all unless set."),
    click.option("--roles", help="Of trafficker,facilitator,buyer,business; all unless set."),
    click.option(
        "--min-confidence",
        type=click.IntRange(0, 100),
        help="Only entries that state at least this; 0, for all, unless set.",
    ),
    click.option("--lists", help="Names of lists, separated by commas; all unless set."),
    click.option("--jurisdictions", help="Where the partner works, such as DE,US."),
)


def _policy_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options that make its `policy`, None where none of them is given."""

    @wraps(command)
    def with_policy(
        *,
        kinds: str | None,
        roles: str | None,
        min_confidence: int | None,
        lists: str | None,
        jurisdictions: str | None,
        **others: object,
    ) -> None:
        from indexer.list.policy import policy_of

        given = (kinds, roles, min_confidence, lists, jurisdictions)
        policy = policy_of(
            kinds=kinds,
            roles=roles,
            min_confidence=min_confidence or 0,
            lists=lists,
            jurisdictions=jurisdictions,
        )
        is_given = any(one is not None for one in given)
        command(policy=policy if is_given else None, **others)

    for option in reversed(_POLICY_OPTIONS):
        with_policy = option(with_policy)
    return with_policy


@click.group()
def partner() -> None:
    """Give partners access, and say what of the list is theirs."""


@partner.command("add")
@click.argument("name")
@click.option("--kit", required=True, type=click.Path(path_type=Path), help="File to write.")
@click.option("--api-url", required=True, help="Where the partner asks, such as https://...")
@click.option("--scopes", default="check", show_default=True, help="check, or check,bulk.")
@click.option(
    "--stretch",
    type=click.Choice(["strong", "light", "none"]),
    help="Slow hash: strong for check only and light with bulk, unless set.",
)
@_policy_options
@click.option("--test", is_flag=True, help="Test keys: they read the permanent test list only.")
@click.option("--allow-unstretched", is_flag=True, help="Permit --stretch none for a live key.")
def partner_add(
    *,
    name: str,
    kit: Path,
    api_url: str,
    scopes: str,
    stretch: str | None,
    test: bool,
    allow_unstretched: bool,
    policy: "Policy | None",
) -> None:
    """Index the current list for a new partner, and write its kit.

    The kit is all that a partner needs, and is shown once: hand it over in a safe way.

    Example: indexer partner add acme --kit acme.kit.json --api-url https://screening.example
    """
    from indexer.list.policy import EVERYTHING
    from indexer.partners.add import NewPartner, add_partner, default_profile

    wanted = scopes_of(scopes)
    new = NewPartner(
        name=name,
        kit=kit,
        api_url=api_url,
        scopes=wanted,
        profile=stretch or default_profile(wanted),
        mode="test" if test else "live",
        allow_unstretched=allow_unstretched,
        policy=policy or EVERYTHING,
    )
    with recovered_deployment() as deployment:
        add_partner(deployment, new)
        say(f"partner {name} added; its kit is {kit}")
        _say_what_is_out_of_reach(deployment, name)
        say_where_in_force(deployment)


@partner.command("policy")
@click.argument("name")
@_policy_options
@click.option("--whole-list", is_flag=True, help="Limit it no more.")
@click.option("--allow-empty", is_flag=True, help="Permit a policy that nobody is listed under.")
def partner_policy(
    *, name: str, policy: "Policy | None", whole_list: bool, allow_empty: bool
) -> None:
    """Say which part of the list a partner's checks are answered from; only its index changes.

    What is not said is not limited. Without an option, show it, and change nothing. Exit 4, and
    nothing is changed, where nobody would be listed for the partner.

    \b
    Example:
      indexer partner policy acme --kinds phone,email --min-confidence 70
      indexer partner policy acme
      indexer partner policy acme --whole-list
    """
    from indexer.list.policy import EVERYTHING
    from indexer.partners.change import set_policy
    from indexer.partners.reach import policy_of_partner

    if whole_list and policy is not None:
        raise click.UsageError("--whole-list limits nothing; leave the other options away")
    wanted = EVERYTHING if whole_list else policy
    with recovered_deployment() as deployment:
        if wanted is not None:
            set_policy(deployment, name, wanted, allow_empty=allow_empty)
        shown = policy_of_partner(deployment, name) if wanted is None else wanted
        say(f"{name} is answered from {shown.described()}")
        _say_what_is_out_of_reach(deployment, name)
        if wanted is not None:
            say_where_in_force(deployment)


@partner.command("rotate")
@click.argument("name")
@click.option(
    "--kit",
    required=True,
    type=click.Path(path_type=Path),
    help="File to write; run again, the same one.",
)
@click.option("--api-url", required=True, help="Where the partner asks, such as https://...")
@click.option(
    "--overlap-days",
    type=click.IntRange(0, 365),
    default=OVERLAP_DAYS,
    show_default=True,
    help="For how long the old kit stays valid.",
)
@click.option(
    "--stretch",
    type=click.Choice(["strong", "light"]),
    help="Slow hash; that of the old key unless set.",
)
@click.option("--scopes", help="check, or check,bulk; those of the old key unless set.")
def partner_rotate(
    *,
    name: str,
    kit: Path,
    api_url: str,
    overlap_days: int,
    stretch: str | None,
    scopes: str | None,
) -> None:
    """Give a partner new keys in a new kit; the old ones stay valid for a while beside them.

    indexer compact, run daily, retires the old ones when their time is over and every API host
    answers for the new ones; until it has run, they are accepted. Run again as it was, --kit and
    all, but with fewer --overlap-days, this ends their time sooner and writes no other kit. A
    partner whose last API key was revoked is given a new one with --scopes.

    Example: indexer partner rotate acme --kit acme-new.kit.json --api-url https://screening.example
    """
    from indexer.partners.rotate import NewKeys, rotate_partner

    stated = None if scopes is None else scopes_of(scopes)
    wanted = NewKeys(name, kit, api_url, overlap_days * DAY_S, stretch, stated)
    with recovered_deployment() as deployment:
        rotated = rotate_partner(deployment, wanted)
        _say_rotated(wanted, rotated, deployment.now())
        say_where_in_force(deployment)


def _say_rotated(wanted: "NewKeys", rotated: "Rotated", now: int) -> None:
    from indexer.partners.overlaps import accepted_no_more

    name = wanted.name
    if rotated.taken_back is not None:
        say(accepted_no_more(rotated.taken_back))
    if rotated.has_new_kit:
        say(f"{name} has new keys in {wanted.kit}")
    else:
        say(f"{name} has its new kit, and no other is written")
    say(end_of_old_keys(rotated, now))
    if rotated.old_end is not None:
        say(
            f"the new API key has no end, where the old one had {moment(rotated.old_end)}: "
            f"indexer partner key expire {name} {rotated.api_key} --at ..."
        )
    if rotated.has_new_kit:
        say(matches_counted_anew(f"of {name}", name))


@partner.command("suspend")
@click.argument("name")
def partner_suspend(*, name: str) -> None:
    """Answer a partner no more, until it is resumed; nothing of it is lost.

    Example: indexer partner suspend acme
    """
    from indexer.partners.change import set_state

    with recovered_deployment() as deployment:
        set_state(deployment, name, "suspended")
        say(f"{name} is suspended")
        say_where_in_force(deployment)


@partner.command("resume")
@click.argument("name")
def partner_resume(*, name: str) -> None:
    """Answer a suspended partner again.

    Example: indexer partner resume acme
    """
    from indexer.partners.change import set_state

    with recovered_deployment() as deployment:
        set_state(deployment, name, "active")
        say(f"{name} is answered again")
        say_where_in_force(deployment)


@partner.command("remove")
@click.argument("name")
def partner_remove(*, name: str) -> None:
    """Remove a partner for good: its index and its secrets are gone, and its kit opens nothing.

    So is its policy: who adds it again gives that again.

    Example: indexer partner remove acme
    """
    from indexer.partners.remove import remove_partner

    with recovered_deployment() as deployment:
        is_forgotten = remove_partner(deployment, name)
        say(f"{name} is removed")
        if not is_forgotten:
            tell(
                "its index may lie in the store's append-only file until that is written anew: "
                "have the store's administrator run BGREWRITEAOF (docs/operations.md, Redis)"
            )
        say_where_in_force(deployment)


partner.add_command(partner_key)
partner.add_command(partner_limits)
partner.add_command(partner_lift)


def _say_what_is_out_of_reach(deployment: "Deployment", name: str) -> None:
    from indexer.partners.reach import find_reach

    reach = find_reach(deployment, name)
    if reach.unknown_lists:
        tell(reach.about_unknown_lists())
    if reach.is_empty:
        tell(f"nobody is listed for {name}: all its checks are answered no match")
