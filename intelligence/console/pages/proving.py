"""Give password and code anew, and go back to what was refused without."""

from typing import Final

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromQuery

from intelligence.console.own_pages import BACK_FIELD, own_page, page_of
from intelligence.console.problems import PROOF
from intelligence.console.rendering import Page, Rendering
from intelligence.console.visits import Visit
from intelligence.deployment import Desk

_PROOF: Final = "proof.html"


@get(PROOF, sync_to_thread=True)
def proof_page(
    visit: NamedDependency[Visit],
    rendering: NamedDependency[Rendering],
    *,
    back: FromQuery[str] = "",
) -> Page:
    """Ask for both."""
    return rendering.page(visit, _PROOF, back=own_page(back))


@post(PROOF, sync_to_thread=True)
def prove(
    visit: NamedDependency[Visit],
    desk: NamedDependency[Desk],
    rendering: NamedDependency[Rendering],
) -> Page:
    """Take both."""
    form = visit.form
    back = page_of(form, BACK_FIELD)

    def do() -> str:
        password, code = form.text("password"), form.text("code", most=64)
        desk.proving.prove(visit.who, password, code, address=visit.address)
        return back

    return rendering.after(
        visit, do, lambda problem: rendering.page(visit, _PROOF, problem=problem, back=back)
    )


HANDLERS = (proof_page, prove)
