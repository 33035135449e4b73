"""What a partner is entitled to: which entries of the list make up the index of its token keys."""

from collections.abc import Callable
from typing import Annotated, Final, TypeVar

import msgspec

from screening.importers.entry import PUBLISHED_ROLES, Role
from screening.importers.life import LIST_NAME
from screening.vocabulary.errors import OperatorError
from screening.vocabulary.normalise import is_region
from screening.vocabulary.selector import SelectorKind

Name = TypeVar("Name", bound=str)

_ALL_KINDS: Final = tuple(SelectorKind)


class Policy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An entry is in the index where all of this holds; the whole list, unless it says less.

    `min_confidence` is 0-100: above 0, an entry that states none is left out. `lists` and
    `jurisdictions` are sorted; None is any. Under `jurisdictions`, an entry that may be used only
    in certain countries must name one of them; one that names no country may be used anywhere.
    """

    kinds: tuple[SelectorKind, ...] = _ALL_KINDS
    roles: tuple[Role, ...] = PUBLISHED_ROLES
    min_confidence: Annotated[int, msgspec.Meta(ge=0, le=100)] = 0
    lists: tuple[str, ...] | None = None
    jurisdictions: tuple[str, ...] | None = None

    def encoded(self) -> str:
        """Return the one spelling of this policy; equal policies have equal ones."""
        return msgspec.json.encode(self).decode()

    def described(self) -> str:
        """Return it in words, for a person: from what the partner's checks are answered."""
        if self == EVERYTHING:
            return "the whole list"
        parts = [
            f"{', '.join(self.kinds)} entries" if self.kinds != _ALL_KINDS else "entries",
            f"as {', '.join(self.roles)}" if self.roles != PUBLISHED_ROLES else "",
            f"from {self.min_confidence} % confidence" if self.min_confidence else "",
            f"of {', '.join(self.lists)}" if self.lists is not None else "",
            f"in {', '.join(self.jurisdictions)}" if self.jurisdictions is not None else "",
        ]
        return " ".join(part for part in parts if part)


EVERYTHING: Final = Policy()


def parse_policy(encoded: str) -> Policy:
    """Read a policy that `Policy.encoded` has written."""
    return msgspec.json.decode(encoded, type=Policy)


def policy_of(
    *,
    kinds: str | None,
    roles: str | None,
    min_confidence: int,
    lists: str | None,
    jurisdictions: str | None,
) -> Policy:
    """Make a policy of what a command was given: names separated by commas, None for any.

    Raises `OperatorError` where a name is none.
    """
    return Policy(
        kinds=_chosen("--kinds", kinds, _ALL_KINDS),
        roles=_chosen("--roles", roles, PUBLISHED_ROLES),
        min_confidence=min_confidence,
        lists=_named(lists, str.lower, _is_list_name),
        jurisdictions=_named(jurisdictions, str.upper, is_region),
    )


def _is_list_name(text: str) -> bool:
    return LIST_NAME.fullmatch(text.lower()) is not None


def _parts(text: str) -> set[str]:
    return {part.strip() for part in text.split(",")}


def _chosen(option: str, text: str | None, known: tuple[Name, ...]) -> tuple[Name, ...]:
    if text is None:
        return known
    wanted = {part.lower() for part in _parts(text)}
    if not wanted <= set(known):
        raise OperatorError(f"{option}: choose of {', '.join(known)}, separated by commas")
    return tuple(name for name in known if name in wanted)


def _named(
    text: str | None, spell: Callable[[str], str], is_name: Callable[[str], bool]
) -> tuple[str, ...] | None:
    if text is None:
        return None
    written = _parts(text)
    if not all(map(is_name, written)):
        raise OperatorError(
            "lists and jurisdictions are named as the list's own columns name them, such as DE,US; "
            "leave the option away for any"
        )
    return tuple(sorted({spell(name) for name in written}))
