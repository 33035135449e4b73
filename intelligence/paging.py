"""Which part of something long a page shows."""

from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

Item = TypeVar("Item")


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


class PageOf(list[Item]):
    """What a page shows of a list: page `page` of `pages`, of `many` things in all."""

    def __init__(self, shown: list[Item], many: int, at: Paging) -> None:
        super().__init__(shown)
        self.many = many
        self.page = at.page
        self.pages = at.pages


def listed(
    session: Session,
    chosen: Select[*tuple[Any, ...]],
    show: Callable[..., Item],
    *,
    page: int,
    size: int,
) -> PageOf[Item]:
    """Return a page of what a query chooses, in its order, each as `show` returns its columns."""
    many = session.scalar(select(func.count()).select_from(chosen.order_by(None).subquery())) or 0
    at = paging(page, many, size)
    rows = session.execute(chosen.offset(at.first).limit(size)).all()
    return PageOf([show(*row) for row in rows], many, at)
