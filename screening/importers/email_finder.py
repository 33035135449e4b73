"""Finds e-mail addresses in a text, and what looks like one.

Any run of address characters around an `@` is looked at as a whole. The characters that RFC 5322
allows in a local part but that texts use as punctuation (`=`, `#`, `!` ...) are not followed: an
address that touches one has no certain beginning and is not taken. Neither is one whose words run
into it without a space, as they do in Chinese or after a forgotten space: half a sentence in front
of an address is another address.
"""

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

from screening.importers.entry import ImportCode
from screening.importers.finding import Finding
from screening.vocabulary.errors import NotCanonical
from screening.vocabulary.normalise import normalise
from screening.vocabulary.selector import Canonical

# The look-behind and the possessive quantifiers keep the search linear on any text.
_CANDIDATE: Final = re.compile(r"(?<![\w.+'-])[\w.+'-]++(?:[@\uff20][\w.-]++)++")
# `name (at) host.example`, `name @ host.example`, `name [at] host [dot] example`.
_DISGUISED: Final = re.compile(
    r"(?<![\w.+-])[\w.+-]{1,64}+(?:\s?[(\[{]\s?(?:at|@)\s?[)\]}]\s?|\s{1,2}@\s{0,2}|@\s{1,2})"
    r"\w[\w-]{0,63}(?:\.|\s?[(\[{]\s?(?:dot|\.)\s?[)\]}]\s?)\w[\w.-]{0,63}",
    re.IGNORECASE,
)
_NOT_FOLLOWED: Final = frozenset("!#$%&=?^")
_URL_BEFORE: Final = re.compile(r"(?:://|\bwww\.)\S*$", re.IGNORECASE)
_URL_CHARACTERS: Final = 300


def find_emails(text: str) -> Iterator[Finding]:
    """Yield addresses and what looks like one, in order of their places."""
    rest = _CANDIDATE.sub(lambda match: "|" * len(match[0]), text)
    disguised = (
        Finding("email", match.start(), match.end(), "not_an_email")
        for match in _DISGUISED.finditer(rest)
    )
    yield from sorted((*_candidates(text), *disguised), key=lambda finding: finding.start)


def is_in_url(text: str, start: int) -> bool:
    """Tell whether `start` lies inside a web address, where `@` and digits mean other things."""
    return _URL_BEFORE.search(text[max(0, start - _URL_CHARACTERS) : start]) is not None


def _candidates(text: str) -> Iterator[Finding]:
    for match in _CANDIDATE.finditer(text):
        run = match[0]
        start = match.start() + len(run) - len(run.lstrip("'.-"))
        end = match.end() - len(run) + len(run.rstrip("._-"))
        if text[start : start + 1] in ("@", "\uff20"):
            continue  # "'@name" is a name on some platform
        yield Finding("email", start, end, _outcome(text, match.start(), start, end))


def _outcome(text: str, run_start: int, start: int, end: int) -> Canonical | ImportCode:
    address = text[start:end]
    try:
        canonical = normalise("email", address)
    except NotCanonical as refused:
        return refused.code
    before = text[run_start - 1 : run_start]
    if before in _NOT_FOLLOWED or address[0] == "+" or is_in_url(text, start):
        return "unclear_extent"
    local, _, domain = unicodedata.normalize("NFKC", address).rpartition("@")
    if _runs_into_words(local) or any(map(_mixes_scripts, domain.split("."))):
        return "unclear_extent"
    return "unclear_extent" if _runs_into_a_sentence(domain) else canonical


def _runs_into_words(local: str) -> bool:
    return _mixes_scripts(local) or (
        not local.isascii()
        and any(map(str.isdecimal, local))
        and any(c.isalpha() and not _is_latin(c) for c in local)
    )


def _mixes_scripts(text: str) -> bool:
    return not text.isascii() and len({_is_latin(c) for c in text if c.isalpha()}) > 1


def _is_latin(character: str) -> bool:
    return unicodedata.name(character, "").startswith("LATIN")


def _runs_into_a_sentence(domain: str) -> bool:
    # "info@host.example.Phone 12": no one capitalises a top-level domain alone.
    last = domain.rpartition(".")[2]
    return not domain[0].isupper() and not (last.islower() or last.isupper())
