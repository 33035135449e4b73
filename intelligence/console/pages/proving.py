"""Give password and code anew, and go back to what was refused without."""

import re
from typing import Final

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromQuery

from intelligence.console.problems import PROOF
from intelligence.console.rendering import Page, Rendering
from intelligence.console.visits import Visit
from intelligence.deployment import Desk
from intelligence.errors import FormRefused

_OWN_PAGE: Final = re.compile("(/[a-z0-9-]{1,64}){1,6}")


@get(PROOF, sync_to_thread=True)
def proof_page(
    visit: NamedDependency[Visit],
    rendering: NamedDependency[Rendering],
    *,
    back: FromQuery[str] = "",
) -> Page:
    """Ask for both."""
    return rendering.page(visit, "proof.html", back=_own(back))


@post(PROOF, sync_to_thread=True)
def prove(
    visit: NamedDependency[Visit],
    desk: NamedDependency[Desk],
    rendering: NamedDependency[Rendering],
) -> Page:
    """Take both."""
    form = visit.form
    back = _own(form.text("back"))
    try:
        password, code = form.text("password"), form.text("code", most=64)
        desk.proving.prove(visit.who, password, code, address=visit.address)
    except FormRefused as error:
        return rendering.page(visit, "proof.html", problem=error, back=back)
    return rendering.going_to(back)


def _own(path: str) -> str:
    """Return a page of ours: nobody is sent elsewhere by a link to this one."""
    return path if _OWN_PAGE.fullmatch(path) else "/"


HANDLERS = (proof_page, prove)
