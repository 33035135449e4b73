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
    "screening-usage/1": parse_usage_told,
    "screening-issued-kit/1": parse_issued_kit,
    "screening-exclusions/1": parse_exclusions_told,
    "screening-list/1": parse_list_part,
}


class UpHead(NamedTuple):
    """What every content begins with, behind its format."""

    deployment: str
    sequence: int
    previous: str
    """SHA-256 of the whole up file before, in hex."""
    written_at: datetime


class _Format(msgspec.Struct):
    format: str


_formats = msgspec.json.Decoder(_Format)


def parse_up_content(content: bytes) -> UpContent:
    """Return what the content of an up file spells; raises `SpoolRefused`."""
    try:
        named = _formats.decode(content).format
    except UNREADABLE:
        named = ""
    parse = _PARSE.get(named)
    if parse is None:
        raise SpoolRefused(
            "malformed",
            "an up file is of a format that is not known here; install the version of this "
            "program that the indexer has",
        )
    return parse(content)
