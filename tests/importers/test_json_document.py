"""JSON of any depth is read or refused by its own sentence, and never ends in a traceback."""

import io
from contextlib import nullcontext

import pytest

from screening.importers.json_document import MAX_LEVELS, read_json
from screening.vocabulary.errors import OperatorError
from tests.importers.importing import opened, outcomes

AROUND = 4
"""Levels around what stands in a member: the bundle, its array, an object, and an event's."""
CUSTOM = '{{"type":"bundle","objects":[{{"type":"phone-number","value":"+12025550134","x_a":{}}}]}}'
PLAIN = CUSTOM.replace("x_a", "external_references")
NOTED = (
    '{{"Event":{{"info":"x","Attribute":[{{"type":"phone-number","value":"+12025550134",'
    '"Note":{}}}]}}}}'
)
PROPOSED = NOTED.replace("Note", "ShadowAttribute")


def nested(levels: int, name: str) -> str:
    return f'{{"note":"a","{name}":' * levels + "0" + "}" * levels


@pytest.mark.parametrize("document", [CUSTOM, PLAIN, NOTED, PROPOSED])
@pytest.mark.parametrize("name", ["a", "is_victim", "Note", "ShadowAttribute"])
def test_deep_members_are_heard_to_their_end_or_refused(document: str, name: str) -> None:
    deep = document.format(nested(MAX_LEVELS - AROUND, name))
    assert [line for line, _ in outcomes(opened(deep))] == [1]
    for levels in (MAX_LEVELS + 1, 600, 900):
        with pytest.raises(OperatorError, match=r"nested too deeply; export it again$"):
            opened(document.format(nested(levels, name)))


@pytest.mark.parametrize("is_read", [True, False])
def test_levels_are_counted_to_the_deepest_wherever_it_is(*, is_read: bool) -> None:
    inner = MAX_LEVELS - is_read
    text = f'[0,{{"a":[1]}},{"[" * inner}{"]" * inner},2]'
    reading = nullcontext() if is_read else pytest.raises(OperatorError, match="too deeply")
    with reading:
        read_json(io.BytesIO(text.encode()), file="f")
