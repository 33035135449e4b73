"""What keeps somebody from using a page by keyboard and ear, as far as its markup tells."""

from collections import Counter
from html.parser import HTMLParser
from typing import Final

_FILLED_IN: Final = ("input", "select", "textarea")


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.headings: list[int] = []
        self.ids: Counter[str] = Counter()
        self.labelled: set[str] = set()
        self.fields: list[dict[str, str | None]] = []
        self.described: set[str] = set()
        self.flaws: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if given.get("id"):
            self.ids[given["id"] or ""] += 1
        if tag in ("h1", "h2", "h3", "h4"):
            self.headings.append(int(tag[1]))
        if tag == "label":
            self.labelled.add(given.get("for") or "")
        if tag in _FILLED_IN and given.get("type") != "hidden":
            self.fields.append(given)
        self.described |= set((given.get("aria-describedby") or "").split())
        if tag == "script" or any(name.startswith("on") for name in given):
            self.flaws.append("a script")
        if tag == "th" and given.get("scope") not in ("col", "row"):
            self.flaws.append("a heading of a table without its scope")


def flaws_of(page: str) -> list[str]:
    """Return what is wrong with a page, nothing where it is well."""
    read = _Page()
    read.feed(page)
    found = list(read.flaws)
    found += [f"id {one} stands {count} times" for one, count in read.ids.items() if count > 1]
    found += [
        f"field {one.get('name')} has no label"
        for one in read.fields
        if one.get("id") not in read.labelled
    ]
    found += [f"no text {one} describes a field" for one in read.described - read.ids.keys()]
    if read.headings[:1] != [1] or read.headings.count(1) != 1:
        found.append("not one heading of the page, and that the first")
    steps = zip(read.headings, read.headings[1:], strict=False)
    found += [f"heading {then} after {now}" for now, then in steps if then > now + 1]
    return found
