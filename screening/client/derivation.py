"""raw -> canonical -> token for one token key; nothing is ever kept on disk.

Stretching is meant to cost (0.45 ms with `light`, 19 ms with `strong`, on one core); argon2 lets go
of the interpreter lock meanwhile, so threads use all cores.
"""

import base64
import os
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from screening.vocabulary.cells import read_cell
from screening.vocabulary.errors import InvalidRequest, NotCanonical
from screening.vocabulary.kit import Kit
from screening.vocabulary.normalise import normalise
from screening.vocabulary.normaliser_versions import in_version
from screening.vocabulary.selector import Canonical, SelectorKind, Token
from screening.vocabulary.tokens import stretch

RawSelector = tuple[SelectorKind | str, str]
"""A kind and a value as somebody wrote it."""


@dataclass(frozen=True, slots=True)
class SelectorToken:
    """What is sent for one selector; its `repr` shows no token."""

    kind: SelectorKind
    token: Token

    def base64(self) -> str:
        """Return the 44 characters that travel."""
        return base64.b64encode(self.token).decode()


class TokenSource:
    """Derives tokens under a kit's first token key; making it derives its `key_check`."""

    def __init__(self, kit: Kit) -> None:
        self._token_key = kit.token_key
        self._normaliser = kit.normaliser
        self._deriver = kit.token_key.deriver()
        self.key_id = kit.token_key.key_id
        self.key_check = base64.b64encode(kit.key_check()).decode()

    def token(self, canonical: Canonical) -> SelectorToken:
        """Return the token of a canonical form; safe to call from several threads at once."""
        form = in_version(canonical, self._normaliser)
        stretched = stretch(form, salt=self._token_key.salt, profile=self._token_key.stretch)
        return SelectorToken(canonical.kind, self._deriver.token(stretched))


def canonicals(selectors: Iterable[RawSelector], *, region: str | None) -> list[Canonical]:
    """Return the canonical forms of one booking's selectors, in their order.

    Raises the first `NotCanonical`, or `InvalidRequest` where one selector holds several or is not
    text; `position` says which it is about, and so does a note, which counts from 1 as people do.
    """
    if not isinstance(region, str | None):
        raise InvalidRequest("the region is not text; give two letters, such as 'GB'")
    found = []
    for position, selector in enumerate(selectors):
        try:
            kind, raw = _parted(selector)
            found.append(_canonical(kind, raw, region))
        except (NotCanonical, InvalidRequest) as error:
            error.position = position
            error.add_note(f"selector {position + 1}")
            raise
    return found


def _parted(selector: Any) -> tuple[str, str]:
    """Return kind and value of what callers pass, whatever the types say: forms and tables vary."""
    try:
        kind, raw = selector
    except (TypeError, ValueError):
        raise InvalidRequest(
            "a selector is no pair of kind and value; write it as in ('email', 'jane@x.example')"
        ) from None
    if raw is None:  # an empty form field
        raw = ""
    if not isinstance(raw, str):
        raise InvalidRequest("the value of a selector is not text; give it as a str")
    return kind, raw


def _canonical(kind: str, raw: str, region: str | None) -> Canonical:
    canonical = normalise(kind, raw, region=region)
    # The normaliser takes the first of two numbers: that would answer half of the question.
    match read_cell(canonical.kind, raw, region):
        case Canonical():
            return canonical
        case "several_values" | "remark_in_cell":
            raise InvalidRequest("a selector has a second value or a remark in it; give it alone")
        case "changed_number":
            raise InvalidRequest("a spreadsheet has changed a selector; take it from its source")
        case "unclear_country":
            raise InvalidRequest("a phone may be of two countries; give it with + and its code")
        case "hidden_value":
            raise InvalidRequest("part of a selector is masked or in words; give it whole")
        case code:
            raise NotCanonical(code)


def derivation_pool() -> ThreadPoolExecutor:
    """Return threads for stretching, one for each core: more would only take memory."""
    return ThreadPoolExecutor(os.cpu_count() or 1, thread_name_prefix="screening-derive")
