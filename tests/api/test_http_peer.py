"""One request to a peer: whatever comes of it, its connection is ended at once."""

import gc
import socket
import threading
import warnings
from http.client import HTTPException

import pytest

from screening.api.http_peer import HttpPeer
from tests.harness.odd_receiver import receiving_oddly


def too_much(connected: socket.socket) -> None:
    connected.sendall(b"HTTP/1.0 200 OK\r\n\r\n" + bytes(10_000))


def test_no_connection_is_left_to_the_garbage_collector() -> None:
    with receiving_oddly(too_much) as url, warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        with pytest.raises(HTTPException) as refused:
            HttpPeer(url, timeout_s=10).post(b"{}", {})
        # An error that is held in a circle, as by a future and whoever waits for it, holds the
        # frames in which it was raised, and what these have opened.
        circle: list[object] = [refused.value]
        circle.append(circle)
        del circle, refused
        for thread in threading.enumerate():
            if isinstance(thread, threading.Timer):  # which holds the socket, too
                thread.join(10)
        gc.collect()
    assert [str(one.message) for one in warned] == []
