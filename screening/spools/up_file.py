"""What an up file may hold: one of several contents, told apart by the format that it names."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final, NamedTuple

import msgspec

from screening.spools.acknowledgement import Acknowledgement, parse_acknowledgement
from screening.spools.exclusions_told import ExclusionsTold, parse_exclusions_told
from screening.spools.index_map import MapPart, parse_map_part
from screening.spools.issued_kit import IssuedKit, parse_issued_kit
from screening.spools.match_records import MatchRecords, parse_match_records
from screening.spools.partners_told import PartnersTold, parse_partners_told
from screening.spools.spelling import Deployment, Sequence, Sha256
from screening.spools.usage_told import UsageTold, parse_usage_told
from screening.spools.whole_list import ListPart, parse_list_part
from screening.vocabulary.errors import SpoolRefused
from screening.vocabulary.unreadable import UNREADABLE

Beside = MapPart | MatchRecords | PartnersTold | UsageTold | IssuedKit | ExclusionsTold | ListPart
"""What is told beside acknowledgements."""
UpContent = Acknowledgement | Beside

_PARSE: Final[Mapping[str, Callable[[bytes], UpContent]]] = {
    "screening-acknowledgement/1": parse_acknowledgement,
    "screening-map/1": parse_map_part,
    "screening-records/1": parse_match_records,
    "screening-partners/1": parse_partners_told,
    "screening-partners/2": parse_partners_told,
    "screening-usage/1": parse_usage_told,
    "screening-issued-kit/1": parse_issued_kit,
    "screening-exclusions/1": parse_exclusions_told,
    "screening-exclusions/2": parse_exclusions_told,
    "screening-list/1": parse_list_part,
    "screening-list/2": parse_list_part,
}
_REPLACED: Final = ("partners", "usage", "exclusions", "list")
"""Kinds of which each telling is complete, so that a later one says all that one of before did.

Acknowledgements, the map, records and kits are told once: what is in one of them is in no other.
"""


class UpHead(NamedTuple):
    """What every content begins with, behind its format."""

    deployment: str
    sequence: int
    previous: str
    """SHA-256 of the whole up file before, in hex."""
    written_at: datetime


class UpHeading(msgspec.Struct, frozen=True):
    """What tells which file a content is of, and of which kind, whatever else stands in it."""

    format: str
    deployment: Deployment
    sequence: Sequence
    previous: Sha256

    @property
    def kind(self) -> str:
        """Of what it tells, such as `partners`: its format without the name and version."""
        return self.format.removeprefix("screening-").partition("/")[0]

    @property
    def is_replaced(self) -> bool:
        """Tell whether a later file of the same kind says all that this one does."""
        return self.kind in _REPLACED


_headings: Final = msgspec.json.Decoder(UpHeading)


def parse_up_heading(content: bytes) -> UpHeading:
    """Return which file a content is of; raises `SpoolRefused` for a format of no known name."""
    try:
        heading = _headings.decode(content)
    except UNREADABLE:
        raise SpoolRefused(
            "malformed", "an up file has not the head that all have; bring it from where it is from"
        ) from None
    if heading.format not in _PARSE:
        raise SpoolRefused(
            "malformed",
            f"up file {heading.sequence} is of a format that this version does not know; update "
            "the console first, and the indexer after it: nothing of the file is lost until then",
        )
    return heading


def parse_up_content(content: bytes) -> UpContent:
    """Return what the content of an up file spells; raises `SpoolRefused`."""
    return _PARSE[parse_up_heading(content).format](content)
