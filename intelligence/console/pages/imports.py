"""Files on their way to drafts: uploaded, told what they hold, looked through, drafted."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Final
from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from intelligence.console.forms import Form
from intelligence.console.pages.operations import MOST_OF_REASON, require
from intelligence.console.rendering import Page, Rendering
from intelligence.console.visits import TAKES_FILE, Visit
from intelligence.curation.proposals import DEFAULT_LIST, ROLES
from intelligence.deployment import Desk
from intelligence.errors import FormRefused
from intelligence.imports.imported_rows import ROW_SENTENCES, SENTENCES
from intelligence.imports.telling import TypedTelling, telling
from intelligence.imports.uploads import ALL, MAX_UPLOAD_BYTES, NOT_TAKEN, TAKEN
from intelligence.staff.roles import RecordType, Verb
from screening.importers.table_columns import CHOICES

_WHICH: Final = {ALL: "All", TAKEN: "To be drafted", NOT_TAKEN: "Not taken"}
_MOST_READ: Final = 256 << 20
"""What is too large is read to its end and not kept, so that its form comes back as it was typed;
of more than this a browser is told no more than that."""
MOST_COLUMNS: Final = 100
"""Of more columns, the others are taken as they were found."""


@get("/imports", sync_to_thread=True)
def imports_page(
    visit: NamedDependency[Visit],
    desk: NamedDependency[Desk],
    rendering: NamedDependency[Rendering],
    *,
    done: FromQuery[str] = "",
) -> Page:
    """List one's own files that wait, and ask for another; say what was `done` before."""
    return _imports(visit, desk, rendering, done=done)


@post(
    "/imports",
    opt={TAKES_FILE: MAX_UPLOAD_BYTES},
    request_max_body_size=_MOST_READ,
    sync_to_thread=True,
)
def upload(
    visit: NamedDependency[Visit],
    desk: NamedDependency[Desk],
    rendering: NamedDependency[Rendering],
) -> Page:
    """Take a file, or a text that was pasted."""
    require(visit, Verb.ADD, RecordType.UPLOAD)
    form = visit.form

    def do() -> str:
        sent, pasted = form.file("file"), form.text("pasted", most=MAX_UPLOAD_BYTES)
        if not (sent.name or sent.content or pasted):
            raise FormRefused("nothing was chosen; choose a file, or paste a text", "file")
        told = telling(
            TypedTelling(
                role=form.line("role"), region=form.line("region"), sheet=form.line("sheet")
            ),
            _today(),
        )
        content = sent.content or pasted.encode()
        taken = desk.curation.uploads.take(visit.who, sent.name, content, told)
        return f"/imports/{taken}"

    return rendering.after(
        visit, do, lambda problem: _imports(visit, desk, rendering, problem=problem)
    )


@get("/imports/{upload_id:uuid}", sync_to_thread=True)
def import_page(
    upload_id: FromPath[UUID],
    visit: NamedDependency[Visit],
    desk: NamedDependency[Desk],
    rendering: NamedDependency[Rendering],
    *,
    page: FromQuery[int] = 1,
    show: FromQuery[str] = ALL,
) -> Page:
    """Show what would become of each row of a file, and ask what it holds."""
    of = (upload_id, page, show if show in _WHICH else ALL)
    return _import(visit, desk, rendering, of=of)


@post("/imports/{upload_id:uuid}/told", sync_to_thread=True)
def tell(
    upload_id: FromPath[UUID],
    visit: NamedDependency[Visit],
    desk: NamedDependency[Desk],
    rendering: NamedDependency[Rendering],
) -> Page:
    """Read a file anew, as it is told what it holds."""
    require(visit, Verb.ADD, RecordType.UPLOAD)

    def do() -> str:
        told = telling(_typed(visit.form), _today())
        desk.curation.uploads.tell(visit.who, upload_id, told)
        return f"/imports/{upload_id}"

    return _after(do, upload_id, visit, desk=desk, rendering=rendering)


@post("/imports/{upload_id:uuid}/draft", sync_to_thread=True)
def draft(
    upload_id: FromPath[UUID],
    visit: NamedDependency[Visit],
    desk: NamedDependency[Desk],
    rendering: NamedDependency[Rendering],
) -> Page:
    """Make a draft of what can be taken, or several where one would be too long."""
    require(visit, Verb.ADD, RecordType.UPLOAD)

    def do() -> str:
        told = telling(_typed(visit.form), _today())
        permitted = bool(visit.form.all("unprotected"))
        ids = desk.curation.uploads.draft(visit.who, upload_id, unprotected=permitted, told=told)
        return f"/changes/{ids[0]}" if len(ids) == 1 else "/review"

    return _after(do, upload_id, visit, desk=desk, rendering=rendering)


@post("/imports/{upload_id:uuid}/drop", sync_to_thread=True)
def drop(
    upload_id: FromPath[UUID],
    visit: NamedDependency[Visit],
    desk: NamedDependency[Desk],
    rendering: NamedDependency[Rendering],
) -> Page:
    """Forget a file."""
    require(visit, Verb.ADD, RecordType.UPLOAD)

    def do() -> str:
        desk.curation.uploads.drop(visit.who, upload_id)
        return "/imports?done=dropped"

    return rendering.after(
        visit, do, lambda problem: _imports(visit, desk, rendering, problem=problem)
    )


def _after(
    do: Callable[[], str], upload_id: UUID, visit: Visit, *, desk: Desk, rendering: Rendering
) -> Page:
    def again(problem: FormRefused) -> Page:
        # Two buttons send the form: it is found again by the address of the first.
        sent = visit.form.at(f"/imports/{upload_id}/told")
        of = (upload_id, 1, ALL)
        return _import(replace(visit, sent=sent), desk, rendering, of=of, problem=problem)

    return rendering.after(visit, do, again)


def _imports(
    visit: Visit,
    desk: Desk,
    rendering: Rendering,
    *,
    problem: FormRefused | None = None,
    done: str = "",
) -> Page:
    waiting = desk.curation.uploads.all(visit.who)
    return rendering.page(
        visit, "imports.html", problem=problem, waiting=waiting, roles=ROLES, done=done
    )


def _import(
    visit: Visit,
    desk: Desk,
    rendering: Rendering,
    *,
    of: tuple[UUID, int, str],
    problem: FormRefused | None = None,
) -> Page:
    upload_id, page, which = of
    return rendering.page(
        visit,
        "import.html",
        problem=problem,
        upload=desk.curation.uploads.one(visit.who, upload_id, page=page, which=which),
        which=which,
        ways=_WHICH,
        choices=CHOICES,
        most_columns=MOST_COLUMNS,
        roles=ROLES,
        default_list=DEFAULT_LIST,
        sentences=SENTENCES,
        row_sentences=ROW_SENTENCES,
    )


def _typed(form: Form) -> TypedTelling:
    places = (place for place in range(MOST_COLUMNS) if form.all(f"column-{place}"))
    return TypedTelling(
        role=form.line("role"),
        region=form.line("region"),
        sheet=form.line("sheet"),
        source=form.line("source"),
        reason=form.line("reason", most=MOST_OF_REASON),
        confidence=form.line("confidence"),
        last_day=form.line("last_day"),
        list=form.line("list"),
        columns={place: form.text(f"column-{place}") for place in places},
    )


def _today() -> date:
    return datetime.now(UTC).date()


HANDLERS = (imports_page, upload, import_page, tell, draft, drop)
