"""What a page's form has sent.

Read here and not by Litestar, which keeps the last thousand bodies of forms, passwords among them,
in a cache (`litestar._parsers.parse_url_encoded_form_data`).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Final
from urllib.parse import parse_qsl

from intelligence.errors import FormRefused, RequestRefused

MAX_BYTES: Final = 64 << 10
MAX_FIELDS: Final = 200
FORM_TYPE: Final = "application/x-www-form-urlencoded"

PASSWORDS: Final = frozenset(("password", "again", "old"))
"""Passwords, which are hashed and stored nowhere."""
MOST_SHOWN: Final = 4_000
"""Signs of a text that is shown again: twice what a reason may have, for whoever shortens it."""
_NOT_SHOWN: Final = "a field holds characters that cannot be shown; type it anew"
NOT_OURS: Final = "this was not sent by a page of this console; go back, reload, and try again"


@dataclass(frozen=True, slots=True)
class SentFile:
    """A file of a form, and what the one who sent it calls it."""

    name: str = field(repr=False)
    content: bytes = field(repr=False)


_NO_FILES: Final[Mapping[str, SentFile]] = MappingProxyType({})


class Form:
    """The fields of a form, and the path that it was sent to; a repr shows their names alone.

    Of those that are `too_large` nothing is kept but the sentence that says so.
    """

    def __init__(
        self,
        fields: list[tuple[str, str]],
        files: Mapping[str, SentFile] = _NO_FILES,
        *,
        action: str = "",
        too_large: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self._fields = fields
        self._files = files
        self.action = action
        self._too_large = too_large

    def __repr__(self) -> str:
        return f"Form({sorted({name for name, _ in self._fields})})"

    def at(self, action: str) -> "Form":
        """Return it as one that came to another path."""
        return Form(self._fields, self._files, action=action, too_large=self._too_large)

    def text(self, name: str, *, most: int = 256) -> str:
        """Return the one value of a field; raises `RequestRefused` where it is not there once."""
        values = self.all(name, most=most)
        if len(values) != 1:
            raise RequestRefused(NOT_OURS)
        return values[0]

    def line(self, name: str, *, most: int = 200) -> str | None:
        """Return a line of text without white space around it; None where nothing is filled in."""
        value = self.text(name, most=most).strip()
        if not value.isprintable():
            raise FormRefused(_NOT_SHOWN, name)
        return value or None

    def optional(self, name: str) -> str | None:
        """Return a line of a field that not every such form has."""
        return self.line(name) if self.all(name) else None

    def file(self, name: str) -> SentFile:
        """Return a file, an empty one where none was chosen; raises `RequestRefused`.

        And `FormRefused` for one of which nothing was kept.
        """
        if name not in self._files:
            raise RequestRefused(NOT_OURS)
        self._require_kept(name)
        return self._files[name]

    def all(self, name: str, *, most: int = 256) -> list[str]:
        """Return every value of a field; raises `FormRefused` for one that no database takes."""
        self._require_kept(name)
        values = [value for found, value in self._fields if found == name]
        if any(len(value) > most for value in values):
            raise FormRefused(f"a field is too long; use {most} characters or fewer", name)
        if name not in PASSWORDS and any("\0" in value for value in values):
            raise FormRefused(_NOT_SHOWN, name)
        return values

    def _require_kept(self, name: str) -> None:
        if name in self._too_large:
            raise FormRefused(self._too_large[name], name)

    def parts(self) -> Iterator[bytes]:
        """Return all that it says, in its order: for a hash of it that nobody outside computes."""
        yield self.action.encode()
        for name, value in self._fields:
            yield name.encode()
            yield value.encode()
        for name, file in self._files.items():
            yield from (name.encode(), file.name.encode(), file.content)

    @cached_property
    def typed(self) -> Mapping[str, list[str]]:
        """Return the values of fields for a page that shows them again, "" for a blank one.

        Those of more than `MOST_SHOWN` signs are left out.
        """
        found: dict[str, list[str]] = {}
        for name, value in self._fields:
            if len(value) <= MOST_SHOWN:
                found.setdefault(name, []).append(_shown(value))
        return found


def _shown(value: str) -> str:
    signs = (one if one.isprintable() or one in "\r\n" else " " for one in value)
    return "".join(signs) if value.strip() else ""


def parse_form(body: bytes, content_type: str, action: str = "") -> Form:
    """Return what a body says that came to `action`, a path.

    Raises `RequestRefused` for what no form of ours sends.
    """
    if content_type.partition(";")[0].strip().lower() != FORM_TYPE:
        raise RequestRefused(NOT_OURS)
    try:
        fields = parse_qsl(
            body.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=True,
            errors="strict",
            max_num_fields=MAX_FIELDS,
        )
    except ValueError:
        raise RequestRefused(NOT_OURS) from None
    return Form(fields, action=action)
