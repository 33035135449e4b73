"""A form that was refused, shown again: what was typed is in it, and what is wrong is at its field.

Done to the finished page, so that no form can be forgotten: its templates know nothing of it. What
is wrong is said above the page, as a link to the field, and before the field, which is marked as
invalid and described by it (WCAG 2.2, 3.3.1). Passwords, codes and tokens are never repeated, nor
what may be a selector, nor what no browser could have sent from that form.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from html import escape
from html.parser import HTMLParser
from itertools import accumulate
from typing import Final

from intelligence.console.forms import PASSWORDS, Form
from intelligence.console.own_pages import PAGE_FIELD
from intelligence.console.visits import CSRF_FIELD, ONCE_FIELD
from intelligence.errors import FormRefused
from screening.vocabulary.obscured import may_be_contact

_Attributes = Mapping[str, str | None]

_NOT_REPEATED: Final = frozenset(("code", "token", "pasted", "selectors", "value"))
HIDDEN: Final = frozenset(
    (
        *(CSRF_FIELD, ONCE_FIELD, "kind", "canonical", "selector", "disclosure", "feedback"),
        *("partner", "page", "person", "event", "day", "to", "back", "shown", PAGE_FIELD),
    )
)
"""Fields that pages fill in themselves: nobody has typed them."""
_TELLS_NOTHING: Final = frozenset((CSRF_FIELD, ONCE_FIELD, "shown", PAGE_FIELD))
"""Hidden fields that tell no form from another: the same form has others when it is shown again."""
_MOST_REPEATED: Final = 8_000
"""Signs that a page of an error looks through: a stranger may have sent them (some 5 us each)."""
_OF_ACCOUNTS: Final = frozenset(("name", "display_name"))
"""Names of people and partners: an address among them is nobody's who may be listed."""
_LINES: Final = frozenset(("text", "email", "url"))
_BOXES: Final = frozenset(("checkbox", "radio"))
_SUMMARY: Final = "problem"


def refilled(page: str, form: Form, problem: FormRefused) -> str:
    """Return a page with the form that was sent as it was sent.

    It is the one with that address and the same in its hidden fields: those tell apart what stands
    on a page several times.
    """
    reading = _Refilling(page, form, problem)
    reading.feed(page)
    reading.close()
    return reading.edited()


def repeated(form: Form) -> dict[str, list[str]]:
    """Return what was typed in a form that has no page any more, by the names of its fields."""
    found: dict[str, list[str]] = {}
    left = _MOST_REPEATED
    for name, values in form.typed.items():
        for value in values if name not in HIDDEN | PASSWORDS else ():
            if not value or len(value) > left:
                continue
            left -= len(value)
            if _is_repeated({"name": name}, "text", value):
                found.setdefault(name, []).append(value)
    return found


class _Refilling(HTMLParser):
    def __init__(self, page: str, form: Form, problem: FormRefused) -> None:
        super().__init__()
        self._page, self._form, self._problem = page, form, problem
        self._lines = [0, *accumulate(len(line) + 1 for line in page.split("\n"))]
        self._edits: list[tuple[int, int, str]] = []
        self._is_within = self._is_over = False
        self._before = 0
        self._hidden: dict[str, list[str]] = {}
        self._select: list[str] | None = None
        self._text: tuple[int, str] | None = None
        self._summary: list[int] = []
        self._wrong: str | None = None

    def edited(self) -> str:
        """Return the page as it is to be."""
        if self._wrong is not None and len(self._summary) == 2:
            begin, end = self._summary
            self._edits += [
                (begin, begin, f'<a href="#{escape(self._wrong)}">'),
                (end, end, "</a>"),
            ]
        parts, at = [], 0
        for begin, end, text in sorted(self._edits, key=lambda one: one[0]):
            parts += [self._page[at:begin], text]
            at = end
        return "".join((*parts, self._page[at:]))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if given.get("id") == _SUMMARY:
            self._summary.append(self._end())
        if tag == "form":
            self._is_within = not self._is_over and given.get("action") == self._form.action
            self._before, self._hidden = len(self._edits), {}
        elif self._is_within and tag in ("input", "select", "textarea"):
            self._control(tag, given)
        elif self._select is not None and tag == "option":
            is_chosen = given.get("value") in self._select
            self._write(tag, _with(given, "selected", None if not is_chosen else ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "p" and len(self._summary) == 1:
            self._summary.append(self._at())
        elif tag == "form" and self._is_within:
            self._close()
        elif tag == "select":
            self._select = None
        elif tag == "textarea" and self._text is not None:
            (begin, typed), self._text = self._text, None
            self._edits.append((begin, self._at(), escape(typed)))

    def _close(self) -> None:
        """Take the form for the one that was sent, or leave it as it is."""
        sent = self._form.typed
        self._is_within = False
        self._is_over = all(sent.get(name) == values for name, values in self._hidden.items())
        if not self._is_over:
            del self._edits[self._before :]
            self._wrong = None

    def _control(self, tag: str, given: _Attributes) -> None:
        name = given.get("name") or ""
        typed = self._form.typed.get(name, [])
        kind = given.get("type") or "text"
        if kind == "hidden" and name not in _TELLS_NOTHING:
            self._hidden.setdefault(name, []).append(given.get("value") or "")
        if name == self._problem.field and self._wrong is None and kind != "hidden":
            given = self._marked(given)
        if tag == "select":
            self._select = typed or None
        elif tag == "textarea" and typed and _is_repeated(given, "text", typed[0]):
            self._text = (self._end(), typed[0])
        elif kind in _BOXES:
            given = _with(given, "checked", "" if given.get("value") in typed else None)
        elif tag == "input" and typed and _is_repeated(given, kind, typed[0]):
            given = _with(given, "value", typed[0])
        self._write(tag, given)

    def _marked(self, given: _Attributes) -> _Attributes:
        """Say before a field what is wrong with it."""
        self._wrong = given.get("id") or ""
        named = f"{self._wrong}-wrong"
        sentence = f'<p class="wrong" id="{escape(named)}">{escape(str(self._problem))}</p>\n'
        self._edits.append((self._at(), self._at(), sentence))
        described = " ".join(filter(None, (given.get("aria-describedby"), named)))
        return {**given, "aria-invalid": "true", "aria-describedby": described}

    def _write(self, tag: str, given: _Attributes) -> None:
        spelled = [
            f" {name}" if value is None else f' {name}="{escape(value)}"'
            for name, value in given.items()
        ]
        self._edits.append((self._at(), self._end(), f"<{tag}{''.join(spelled)}>"))

    def _at(self) -> int:
        line, column = self.getpos()
        return self._lines[line - 1] + column

    def _end(self) -> int:
        return self._at() + len(self.get_starttag_text() or "")


def _with(given: _Attributes, name: str, value: str | None) -> _Attributes:
    """Return attributes with another, or without it where it is None."""
    others = {one: said for one, said in given.items() if one != name}
    return others if value is None else {**others, name: value}


def _is_repeated(given: _Attributes, kind: str, typed: str) -> bool:
    """Tell whether a field may show again what was typed there."""
    name = given.get("name") or ""
    if kind == "date":
        return _is_spelled(date.fromisoformat, typed)
    if kind == "datetime-local":
        return _is_spelled(datetime.fromisoformat, typed)
    if kind not in _LINES or name in _NOT_REPEATED:
        return False
    if given.get("autocomplete") == "username":  # before anybody is in, no page tells names apart
        return False
    return name in _OF_ACCOUNTS or not may_be_contact(typed)


def _is_spelled(parse: Callable[[str], object], typed: str) -> bool:
    try:
        parse(typed)
    except ValueError:
        return False
    return True
