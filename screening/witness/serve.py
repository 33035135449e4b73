"""`screening witness serve`: one process, which holds its home for as long as it serves."""

import os
import time
from pathlib import Path
from typing import Final

import uvicorn

from screening.api.logs import configure_logs, hold_standard_streams, tell
from screening.connections.http_connection import HttpConnection
from screening.listening import listen
from screening.vocabulary.errors import OperatorError
from screening.witness.app import WitnessApp
from screening.witness.home import only_server_of, read_key, trusted_logs
from screening.witness.witness import Witness

_REQUESTS_GRACE_S: Final = 5


def serve(home: Path, host: str, port: int) -> None:
    """Serve until told to stop; raises `OperatorError` or `OSError` before the port is bound."""
    hold_standard_streams()
    configure_logs()
    key = read_key(home)
    with only_server_of(home):
        logs = trusted_logs(home)
        if not logs:
            raise OperatorError("no log is trusted yet; run: screening witness trust KEY-OF-A-LOG")
        listener = listen(host, port, remedy="set --host and --port")
        os.umask(0o077)  # for the files that libraries make
        where, bound = listener.getsockname()[:2]
        tell(f"witness on http://{where}:{bound}, of {len(logs)} log{'s' * (len(logs) != 1)}\n")
        config = uvicorn.Config(
            WitnessApp(Witness(home, key, time.time)),
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            lifespan="off",
            http=HttpConnection,
            ws="none",
            timeout_graceful_shutdown=_REQUESTS_GRACE_S,
        )
        uvicorn.Server(config).run([listener])
