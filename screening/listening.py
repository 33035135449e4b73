"""Taking a port to listen on, for whichever server it is."""

import os
import socket

from screening.vocabulary.errors import OperatorError


def listen(host: str, port: int, *, remedy: str, backlog: int = 2048) -> socket.socket:
    """Return a listening socket; raises `OperatorError`, which ends with what to do: `remedy`."""
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return socket.create_server((host, port), family=family, backlog=backlog)
    except OSError as error:
        number = error.errno or 0
        why = os.strerror(number) if number > 0 else "no such address here"  # a resolver's number
        raise OperatorError(
            f"port {port} on {host} cannot be listened on: {why}; {remedy}"
        ) from None
