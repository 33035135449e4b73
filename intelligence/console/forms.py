"""What a page's form has sent.

Read here and not by Litestar, which keeps the last thousand bodies of forms, passwords among them,
in a cache (`litestar._parsers.parse_url_encoded_form_data`).
"""

from typing import Final
from urllib.parse import parse_qsl

from intelligence.errors import FormRefused, RequestRefused

MAX_BYTES: Final = 64 << 10
MAX_FIELDS: Final = 200
FORM_TYPE: Final = "application/x-www-form-urlencoded"

_AS_TYPED: Final = frozenset(("password", "again", "old"))
"""Passwords, which are hashed and stored nowhere."""
_NOT_SHOWN: Final = "a field holds characters that cannot be shown; type it anew"
_NOT_OURS: Final = "this was not sent by a page of this console; go back, reload, and try again"


class Form:
    """The fields of a form; a repr shows their names alone."""

    def __init__(self, fields: list[tuple[str, str]]) -> None:
        self._fields = fields

    def __repr__(self) -> str:
        return f"Form({sorted({name for name, _ in self._fields})})"

    def text(self, name: str, *, most: int = 256) -> str:
        """Return the one value of a field; raises `RequestRefused` where it is not there once."""
        values = self.all(name, most=most)
        if len(values) != 1:
            raise RequestRefused(_NOT_OURS)
        return values[0]

    def line(self, name: str, *, most: int = 200) -> str | None:
        """Return a line of text without white space around it; None where nothing is filled in."""
        value = self.text(name, most=most).strip()
        if not value.isprintable():
            raise FormRefused(_NOT_SHOWN)
        return value or None

    def optional(self, name: str) -> str | None:
        """Return a line of a field that not every such form has."""
        return self.line(name) if self.all(name) else None

    def all(self, name: str, *, most: int = 256) -> list[str]:
        """Return every value of a field; raises `FormRefused` for one that no database takes."""
        values = [value for found, value in self._fields if found == name]
        if any(len(value) > most for value in values):
            raise FormRefused(f"a field is too long; use {most} characters or fewer")
        if name not in _AS_TYPED and any("\0" in value for value in values):
            raise FormRefused(_NOT_SHOWN)
        return values


def parse_form(body: bytes, content_type: str) -> Form:
    """Return what a body says; raises `RequestRefused` for what no form of ours sends."""
    if content_type.partition(";")[0].strip().lower() != FORM_TYPE:
        raise RequestRefused(_NOT_OURS)
    try:
        fields = parse_qsl(
            body.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=True,
            errors="strict",
            max_num_fields=MAX_FIELDS,
        )
    except ValueError:
        raise RequestRefused(_NOT_OURS) from None
    return Form(fields)
