"""The staff: who is here, with which roles; added, changed, disabled."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from intelligence.console.forms import Form
from intelligence.console.pages.operations import require
from intelligence.console.rendering import Page, Rendering
from intelligence.console.visits import Visit
from intelligence.days import end_of, parse_day
from intelligence.deployment import Desk
from intelligence.errors import FormRefused, RequestRefused
from intelligence.staff.accounts import NewAccount
from intelligence.staff.requests import WishOutcome
from intelligence.staff.roles import RecordType, Role, Verb


@get("/staff", sync_to_thread=True)
def staff_page(
    visit: NamedDependency[Visit],
    desk: NamedDependency[Desk],
    rendering: NamedDependency[Rendering],
) -> Page:
    """List everybody."""
    return rendering.page(visit, "staff.html", people=desk.directory.all(visit.who))


@get("/staff/new", sync_to_thread=True)
def new_page(visit: NamedDependency[Visit], rendering: NamedDependency[Rendering]) -> Page:
    """Ask who is to be added."""
    require(visit, Verb.ADD, RecordType.STAFF)
    return rendering.page(visit, "staff_new.html")


@post("/staff", sync_to_thread=True)
def add(
    visit: NamedDependency[Visit],
    desk: NamedDependency[Desk],
    rendering: NamedDependency[Rendering],
) -> Page:
    """Add somebody; show their token, this once."""
    require(visit, Verb.ADD, RecordType.STAFF, "name")

    def do() -> Page:
        account_id, asked = desk.directory.add(visit.who, _new_account(visit.form))
        return _asked(asked, account_id, visit, rendering)

    return rendering.showing(
        visit, do, lambda problem: rendering.page(visit, "staff_new.html", problem=problem)
    )


@get("/staff/{account_id:uuid}", sync_to_thread=True)
def person_page(
    account_id: FromPath[UUID],
    visit: NamedDependency[Visit],
    desk: NamedDependency[Desk],
    rendering: NamedDependency[Rendering],
) -> Page:
    """Show one person."""
    return _person(account_id, visit, desk, rendering)


@post("/staff/{account_id:uuid}/display-name", sync_to_thread=True)
def rename(
    account_id: FromPath[UUID],
    visit: NamedDependency[Visit],
    desk: NamedDependency[Desk],
    rendering: NamedDependency[Rendering],
) -> Page:
    """Have colleagues know somebody by another name."""
    require(visit, Verb.CHANGE, RecordType.STAFF, "display_name")

    def do() -> WishOutcome:
        name = visit.form.line("display_name") or ""
        return desk.directory.rename(visit.who, account_id, name)

    return _after(do, account_id, visit, desk=desk, rendering=rendering)


@post("/staff/{account_id:uuid}/roles", sync_to_thread=True)
def change_roles(
    account_id: FromPath[UUID],
    visit: NamedDependency[Visit],
    desk: NamedDependency[Desk],
    rendering: NamedDependency[Rendering],
) -> Page:
    """Give somebody other roles."""
    require(visit, Verb.CHANGE, RecordType.STAFF, "roles")

    def do() -> WishOutcome:
        return desk.directory.change_roles(visit.who, account_id, _roles(visit.form))

    return _after(do, account_id, visit, desk=desk, rendering=rendering)


@post("/staff/{account_id:uuid}/state", sync_to_thread=True)
def change_state(
    account_id: FromPath[UUID],
    visit: NamedDependency[Visit],
    desk: NamedDependency[Desk],
    rendering: NamedDependency[Rendering],
) -> Page:
    """Keep somebody out, or let them in again."""
    require(visit, Verb.CHANGE, RecordType.STAFF, "state")
    directory, to = desk.directory, visit.form.text("to")
    if to not in ("enable", "disable"):
        raise RequestRefused("there is no such state; go back, and reload the page")
    if to == "enable":
        enable = partial(directory.enable, visit.who, account_id)
        return _after(enable, account_id, visit, desk=desk, rendering=rendering)
    directory.disable(visit.who, account_id)
    return rendering.going_to(f"/staff/{account_id}")


@post("/staff/{account_id:uuid}/second-factor", sync_to_thread=True)
def reset_second_factor(
    account_id: FromPath[UUID],
    visit: NamedDependency[Visit],
    desk: NamedDependency[Desk],
    rendering: NamedDependency[Rendering],
) -> Page:
    """Forget somebody's app."""
    require(visit, Verb.CHANGE, RecordType.STAFF, "second_factor")
    reset = partial(desk.directory.reset_second_factor, visit.who, account_id)
    return _after(reset, account_id, visit, desk=desk, rendering=rendering)


@post("/staff/{account_id:uuid}/invitation", sync_to_thread=True)
def invite(
    account_id: FromPath[UUID],
    visit: NamedDependency[Visit],
    desk: NamedDependency[Desk],
    rendering: NamedDependency[Rendering],
) -> Page:
    """Give somebody a new token; show it, this once."""
    require(visit, Verb.CHANGE, RecordType.STAFF, "invitation")
    invite = partial(desk.directory.invite, visit.who, account_id)
    return _after(invite, account_id, visit, desk=desk, rendering=rendering)


def _after(
    do: Callable[[], WishOutcome],
    account_id: UUID,
    visit: Visit,
    *,
    desk: Desk,
    rendering: Rendering,
) -> Page:
    """Ask for something, and show what has come of it."""
    return rendering.showing(
        visit,
        lambda: _asked(do(), account_id, visit, rendering),
        lambda problem: _person(account_id, visit, desk, rendering, problem=problem),
    )


def _asked(asked: WishOutcome, account_id: UUID, visit: Visit, rendering: Rendering) -> Page:
    """Show a token or its half, this once, and whether another person has to confirm."""
    if asked.token is not None:
        return rendering.page(
            visit, "invited.html", back=f"/staff/{account_id}", asked=asked, confirmed=False
        )
    return rendering.going_to("/staff/requests" if asked.waits else f"/staff/{account_id}")


def _person(
    account_id: UUID,
    visit: Visit,
    desk: Desk,
    rendering: Rendering,
    *,
    problem: FormRefused | None = None,
) -> Page:
    return rendering.page(
        visit,
        "person.html",
        problem=problem,
        account_id=account_id,
        person=desk.directory.one(visit.who, account_id),
        is_self=account_id == visit.who.account_id,
    )


def _new_account(form: Form) -> NewAccount:
    return NewAccount(
        name=form.text("name").strip().casefold(),
        display_name=form.line("display_name") or "",
        roles=_roles(form),
        organisation=form.line("organisation"),
        legal_basis=form.line("legal_basis"),
        expires_at=_end_of(form.line("last_day")),
    )


def _roles(form: Form) -> frozenset[Role]:
    try:
        return frozenset(Role(value) for value in form.all("roles"))
    except ValueError:
        raise RequestRefused("there is no such role; go back, and reload the page") from None


def _end_of(typed: str | None) -> int | None:
    """Return when a day ends that was typed, in Unix seconds."""
    day = parse_day(typed, "the last day", datetime.now(UTC).date())
    return None if day is None else end_of(day)


HANDLERS = (
    staff_page,
    new_page,
    add,
    person_page,
    rename,
    change_roles,
    change_state,
    reset_second_factor,
    invite,
)
