"""Which part of something long a page shows."""

from typing import NamedTuple


class Paging(NamedTuple):
    """A page of so many, from 1, and the place in the whole of the first thing on it, from 0."""

    page: int
    pages: int
    first: int


def paging(asked: int, whole: int, size: int) -> Paging:
    """Return the page that is asked for, or the nearest that there is, of `whole` things."""
    pages = max(1, -(-whole // size))
    page = min(max(1, asked), pages)
    return Paging(page, pages, (page - 1) * size)
