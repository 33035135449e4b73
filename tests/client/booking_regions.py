"""What a peer is told of where bookings are made."""

from tests.client.peer import Exchange, Peer, honest


def booking_regions_of(peer: Peer) -> list[str | None]:
    """Return a list that each question from now on adds what it tells to."""
    told: list[str | None] = []

    def noting(exchange: Exchange) -> None:
        if exchange.question is not None:
            told.append(exchange.question.booking_region)
        honest(exchange)

    peer.always = noting
    return told
