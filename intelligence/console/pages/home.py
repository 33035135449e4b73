"""The start page, and the one file that pages are dressed with."""

from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromQuery

from intelligence.console.rendering import Page, Rendering
from intelligence.console.visits import ANYONE, STAGE, Visit
from intelligence.curation.overview import Counts
from intelligence.deployment import Desk
from intelligence.partners.standing import Troubles
from intelligence.staff.roles import RecordType, Verb

_CSS = (files("intelligence.console") / "static/console.css").read_bytes()


@dataclass(frozen=True, slots=True)
class Task:
    """How many of what wait for the visitor, on which page; `urgent` says what is pressing."""

    count: int
    what: str
    path: str
    urgent: str = ""


@get("/", sync_to_thread=True)
def home_page(
    visit: NamedDependency[Visit],
    desk: NamedDependency[Desk],
    rendering: NamedDependency[Rendering],
    *,
    page: FromQuery[int] = 1,
) -> Page:
    """Show what needs doing and how the list stands, and lead to what one's roles are for.

    Of what one follows `page` is shown.
    """
    curation = desk.curation
    said = curation.turns.trouble, curation.marks.missing()
    start = curation.overview.at_start(visit.who, *said)
    counts, partners = start.counts, desk.partners.troubles(visit.who)
    may_add = visit.privileges.may(Verb.ADD, RecordType.STAFF)
    found = [
        *(_of_changes(visit, desk, counts) if counts else ()),
        *_of_challenges(visit, desk),
        *_of_files(visit, desk),
        *_of_partners(visit, desk, partners),
        *_of_people(visit, desk),
        *_of_own_key(visit, desk),
    ]
    return rendering.page(
        visit,
        "home.html",
        tasks=[task for task in found if task.count] if found else None,
        changed_accounts=desk.directory.count_changed(visit.who),
        acts_alone=may_add and desk.requests.acts_alone(visit.who),
        counts=counts,
        partners=partners,
        passed_over=start.passed_over,
        way=start.way,
        missing=start.missing,
        is_old_key_kept=start.is_old_key_kept,
        follows=desk.following.followed(visit.who, page=page),
        shared_cases=desk.deconfliction.shared_cases(visit.who),
    )


def _of_changes(visit: Visit, desk: Desk, counts: Counts) -> Iterator[Task]:
    may = visit.privileges.may
    if may(Verb.CHANGE, RecordType.CHANGE, "review"):
        overdue = f"{counts.overdue} overdue" if counts.overdue else ""
        yield Task(counts.to_review, "Retractions to review", "/review", overdue)
    if may(Verb.CHANGE, RecordType.CHANGE, "approval"):
        yield Task(counts.to_approve, "Changes to approve", "/review")
    if may(Verb.CHANGE, RecordType.CHANGE, "submission"):
        yield Task(counts.own_drafts, "Your drafts, to sign or take back", "/review")
    orders = desk.curation.safety_lists.count_waiting(visit.who)
    if orders is None:
        return
    if may(Verb.CHANGE, RecordType.SAFETY_ORDER, "approval"):
        yield Task(orders.many, "Orders of the safety lists, to approve", "/safety-lists")
    yield Task(orders.refused, "Your orders of the safety lists, refused", "/safety-lists")


def _of_challenges(visit: Visit, desk: Desk) -> Iterator[Task]:
    if (due := desk.curation.reviewing.counts(visit.who)) is not None:
        overdue = f"{due.overdue} overdue" if due.overdue else ""
        yield Task(due.open, "Challenges to look into", "/challenges", overdue)
    if visit.privileges.may(Verb.ADD, RecordType.CHALLENGE):
        answers = desk.curation.challenges.count_answerable(visit.who)
        yield Task(answers, "Challenges to be answered now", "/challenges")


def _of_files(visit: Visit, desk: Desk) -> Iterator[Task]:
    if visit.privileges.may(Verb.ADD, RecordType.UPLOAD):
        files = desk.curation.uploads.count_waiting(visit.who)
        yield Task(files, "Files of yours to look through, each forgotten after a day", "/imports")


def _of_partners(visit: Visit, desk: Desk, partners: Troubles | None) -> Iterator[Task]:
    said = desk.feedback.counts(visit.who)
    if said is not None and visit.privileges.may(Verb.CHANGE, RecordType.FEEDBACK):
        false = f"{said['false']} said to be false" if said.get("false") else ""
        yield Task(sum(said.values()), "Feedback of partners to look at", "/feedback", false)
    if visit.privileges.may(Verb.ADD, RecordType.NOTICE):
        due = desk.notices.count_due(visit.who)
        yield Task(due, "Retractions that partners may have to hear of", "/notices")
    if partners and visit.privileges.may(Verb.CHANGE, RecordType.PARTNER_ORDER):
        orders = partners.orders
        yield Task(orders.many, "Orders for partners, to approve or review", "/partners")
        yield Task(orders.refused, "Your orders for partners, refused", "/partners")


def _of_people(visit: Visit, desk: Desk) -> Iterator[Task]:
    if visit.privileges.may(Verb.CHANGE, RecordType.STAFF_REQUEST, "decision"):
        asked = [one for one in desk.requests.waiting(visit.who) if one.may_confirm]
        yield Task(len(asked), "People who wait for a second person", "/staff/requests")
    if visit.privileges.may(Verb.CHANGE, RecordType.BULK_EXPORT, "decision"):
        exports = desk.bulk_exports.count_to_decide(visit.who)
        yield Task(exports, "Exports of disclosures to approve", "/exports")


def _of_own_key(visit: Visit, desk: Desk) -> Iterator[Task]:
    if visit.privileges.may(Verb.READ, RecordType.SIGNING_KEY):
        key = desk.signing_keys.shown(visit.who)
        first = "before you sign, and have it registered"
        yield Task(int(key is None), "A signing key of yours, to make", "/signing-key", first)
        signs_no_more = key is not None and bool(key["is_lost"] or key["is_changed"])
        then = "make another one, and have it registered"
        yield Task(
            int(signs_no_more), "Signing keys of yours that sign no more", "/signing-key", then
        )


@get("/static/console.css", opt={STAGE: ANYONE}, sync_to_thread=False)
def style_sheet() -> Response[bytes]:
    """Return the style sheet."""
    headers = {"cache-control": "max-age=300"}
    return Response(_CSS, media_type="text/css", headers=headers)


HANDLERS = (home_page, style_sheet)
