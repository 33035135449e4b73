"""The first administrator, invitations, and the second factor's first time."""

from typing import Final

import segno
from litestar import get, post
from litestar.di import NamedDependency
from markupsafe import Markup

from intelligence.console.rendering import Page, Rendering
from intelligence.console.visits import ANYONE, STAGE, Visit
from intelligence.deployment import Desk
from intelligence.errors import FormRefused, NotThere
from intelligence.staff.accounts import NewAccount
from intelligence.staff.roles import Role
from intelligence.staff.second_factor import provisioning_uri, secret_text
from intelligence.staff.tables import Stage

_INVITATION: Final = "invitation.html"


@get("/set-up", opt={STAGE: ANYONE}, sync_to_thread=True)
def set_up_page(
    visit: NamedDependency[Visit],
    desk: NamedDependency[Desk],
    rendering: NamedDependency[Rendering],
) -> Page:
    """Ask for the token of `intelligence init`; there is no such page once somebody is here."""
    return _set_up(visit, desk, rendering)


@post("/set-up", opt={STAGE: ANYONE}, sync_to_thread=True)
def set_up(
    visit: NamedDependency[Visit],
    desk: NamedDependency[Desk],
    rendering: NamedDependency[Rendering],
) -> Page:
    """Make the first administrator."""

    def do() -> Page:
        _require_first_run(desk)
        form = visit.form
        new = NewAccount(
            name=form.text("name").strip().casefold(),
            display_name=form.line("display_name") or "",
            roles=frozenset((Role.ADMINISTRATOR,)),
        )
        ticket = desk.enrolment.set_up(
            form.text("token"),
            new,
            (form.text("password"), form.text("again")),
            address=visit.address,
        )
        return rendering.going_to("/enrolment", ticket=ticket)

    return rendering.showing(
        visit, do, lambda problem: _set_up(visit, desk, rendering, problem=problem)
    )


@get("/invitation", opt={STAGE: ANYONE}, sync_to_thread=True)
def invitation_page(visit: NamedDependency[Visit], rendering: NamedDependency[Rendering]) -> Page:
    """Ask for the token that an administrator has given, which stands in no address."""
    return rendering.page(visit, _INVITATION)


@post("/invitation", opt={STAGE: ANYONE}, sync_to_thread=True)
def accept_invitation(
    visit: NamedDependency[Visit],
    desk: NamedDependency[Desk],
    rendering: NamedDependency[Rendering],
) -> Page:
    """Give an account its password."""

    def do() -> Page:
        form = visit.form
        ticket = desk.enrolment.accept(
            form.text("name"),
            form.text("token"),
            (form.text("password"), form.text("again")),
            address=visit.address,
        )
        if visit.signed_in is not None:
            desk.sessions.end(visit.signed_in.session_hash)
        return rendering.going_to("/second-factor", ticket=ticket)

    return rendering.showing(
        visit, do, lambda problem: rendering.page(visit, _INVITATION, problem=problem)
    )


@get("/enrolment", opt={STAGE: Stage.ENROLMENT}, sync_to_thread=True)
def enrolment_page(
    visit: NamedDependency[Visit],
    desk: NamedDependency[Desk],
    rendering: NamedDependency[Rendering],
) -> Page:
    """Show the secret for an authenticator app."""
    return _enrolment(visit, desk, rendering)


@post("/enrolment", opt={STAGE: Stage.ENROLMENT}, sync_to_thread=True)
def enrol(
    visit: NamedDependency[Visit],
    desk: NamedDependency[Desk],
    rendering: NamedDependency[Rendering],
) -> Page:
    """Take the app's first code; show the codes for paper, this once."""

    def do() -> Page:
        code = visit.form.text("code", most=64)
        ticket, codes = desk.enrolment.enrol(visit.who, code, address=visit.address)
        return rendering.page(visit, "recovery_codes.html", ticket=ticket, codes=codes)

    return rendering.showing(
        visit, do, lambda problem: _enrolment(visit, desk, rendering, problem=problem)
    )


def _require_first_run(desk: Desk) -> None:
    if not desk.enrolment.is_first_run():
        raise NotThere


def _set_up(
    visit: Visit, desk: Desk, rendering: Rendering, problem: FormRefused | None = None
) -> Page:
    _require_first_run(desk)
    return rendering.page(visit, "set_up.html", problem=problem)


def _enrolment(
    visit: Visit, desk: Desk, rendering: Rendering, problem: FormRefused | None = None
) -> Page:
    secret = desk.enrolment.pending_secret(visit.who)
    drawn = segno.make(provisioning_uri(secret, visit.who.name), error="m", micro=False)
    return rendering.page(
        visit,
        "enrolment.html",
        problem=problem,
        # Markup of our own making: the name in it is drawn, not written.
        qr=Markup(drawn.svg_inline(scale=5, border=4, light="white", omitsize=True)),  # noqa: S704
        secret=secret_text(secret),
    )


HANDLERS = (set_up_page, set_up, invitation_page, accept_invitation, enrolment_page, enrol)
