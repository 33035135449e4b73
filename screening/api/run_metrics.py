"""The life of the process that answers `/metrics`."""

import socket
from pathlib import Path

from screening.api.companions import begin, end_here
from screening.api.lifeline import Lifeline
from screening.api.metrics_port import metrics_server


def run_metrics(listener: socket.socket, folder: Path, lifeline: Lifeline) -> None:
    """Answer on `listener` what lies in `folder`, until the supervisor ends this or is gone."""
    begin(lifeline, end_here)
    metrics_server(listener, folder).serve_forever()
