"""What is said of a selector that goes off the list, while partners may still be told yes."""

from intelligence.curation.recognising import recognise
from intelligence.curation.standing import Stand
from tests.intelligence.curation.desk import Desk

PHONE = "+12025550142"


def stand(desk: Desk) -> Stand:
    return desk.reading.check(desk.cora.who, recognise(PHONE)).stand


def test_what_is_decided_is_leaving_until_the_indexer_has_it_in_force(desk: Desk) -> None:
    desk.in_force(PHONE)
    assert not stand(desk).is_leaving
    gone = desk.retracted(PHONE)
    assert (stand(desk).is_retracted, stand(desk).is_leaving) == (True, True)
    desk.exchange.take_turn()
    assert stand(desk).is_leaving
    sequence = desk.row(gone).export_sequence
    assert sequence is not None
    desk.indexer.refuse(sequence)
    desk.exchange.take_turn()
    refused = desk.overview.on_the_way(None).refused
    assert refused is not None
    assert (refused.sequence, stand(desk).is_leaving) == (sequence, True)
    desk.indexer.apply(sequence)
    desk.exchange.take_turn()
    assert desk.overview.on_the_way(None).refused is None
    assert (stand(desk).is_retracted, stand(desk).is_leaving) == (True, False)
