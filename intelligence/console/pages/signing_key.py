"""One's own key to sign changes with."""

import base64
from typing import cast

from litestar import get, post
from litestar.di import NamedDependency

from intelligence.console.pages.operations import require
from intelligence.console.rendering import Page, Rendering
from intelligence.console.visits import Visit
from intelligence.deployment import Desk
from intelligence.errors import FormRefused
from intelligence.staff.roles import RecordType, Verb


@get("/signing-key", sync_to_thread=True)
def key_page(
    visit: NamedDependency[Visit],
    desk: NamedDependency[Desk],
    rendering: NamedDependency[Rendering],
) -> Page:
    """Show what the indexer's administrator has to be told."""
    return _key(visit, desk, rendering)


@post("/signing-key", sync_to_thread=True)
def make_key(
    visit: NamedDependency[Visit],
    desk: NamedDependency[Desk],
    rendering: NamedDependency[Rendering],
) -> Page:
    """Make a key, in place of the one there is."""
    require(visit, Verb.CHANGE, RecordType.SIGNING_KEY, "private")

    def make() -> str:
        desk.signing_keys.make(visit.who, visit.form.text("password"))
        return "/signing-key"

    return rendering.after(
        visit, make, lambda problem: _key(visit, desk, rendering, problem=problem)
    )


def _key(
    visit: Visit, desk: Desk, rendering: Rendering, problem: FormRefused | None = None
) -> Page:
    key = desk.signing_keys.shown(visit.who)
    public = None
    if key is not None and not key["is_changed"]:
        public = base64.b64encode(cast("bytes", key["public"])).decode()
    return rendering.page(visit, "signing_key.html", problem=problem, key=key, public=public)


HANDLERS = (key_page, make_key)
