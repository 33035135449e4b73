"""One's own account: what is known, the password, the codes on paper."""

from litestar import get, post
from litestar.di import NamedDependency

from intelligence.console.pages.operations import require
from intelligence.console.rendering import Page, Rendering
from intelligence.console.visits import Visit
from intelligence.deployment import Desk
from intelligence.errors import FormRefused
from intelligence.staff.roles import RecordType, Verb


@get("/account", sync_to_thread=True)
def account_page(
    visit: NamedDependency[Visit],
    desk: NamedDependency[Desk],
    rendering: NamedDependency[Rendering],
) -> Page:
    """Show it."""
    return _account(visit, desk, rendering)


@post("/account/password", sync_to_thread=True)
def change_password(
    visit: NamedDependency[Visit],
    desk: NamedDependency[Desk],
    rendering: NamedDependency[Rendering],
) -> Page:
    """Take another password."""
    require(visit, Verb.CHANGE, RecordType.OWN_ACCOUNT, "password")

    def do() -> Page:
        form = visit.form
        new = (form.text("password"), form.text("again"))
        ticket = desk.own_account.change_password(visit.who, form.text("old"), new)
        return rendering.going_to("/account", ticket=ticket)

    return rendering.showing(
        visit, do, lambda problem: _account(visit, desk, rendering, problem=problem)
    )


@post("/account/recovery-codes", sync_to_thread=True)
def new_recovery_codes(
    visit: NamedDependency[Visit],
    desk: NamedDependency[Desk],
    rendering: NamedDependency[Rendering],
) -> Page:
    """Show new codes, this once."""
    require(visit, Verb.CHANGE, RecordType.OWN_ACCOUNT, "recovery_codes")

    def do() -> Page:
        codes = desk.own_account.new_recovery_codes(visit.who, visit.form.text("old"))
        return rendering.page(visit, "recovery_codes.html", codes=codes)

    return rendering.showing(
        visit, do, lambda problem: _account(visit, desk, rendering, problem=problem)
    )


def _account(
    visit: Visit, desk: Desk, rendering: Rendering, problem: FormRefused | None = None
) -> Page:
    own = desk.own_account.shown(visit.who)
    return rendering.page(visit, "account.html", problem=problem, own=own)


HANDLERS = (account_page, change_password, new_recovery_codes)
