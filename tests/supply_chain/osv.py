"""A vulnerability service on loopback, which speaks what is used of OSV's protocol."""

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Osv:
    """What it knows and how it answers is set by the test; `asked` is what it was asked about."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.asked: set[tuple[str, str]] = set()
        self.known: Mapping[str, list[dict[str, Any]]] = {}
        self.breaks_off_at = ""
        self.page = b""
        self.lacks_bytes = 0
        self.status = 200

    def answer(self, question: dict[str, Any]) -> bytes | None:
        """Return the answer to one question, None for an error."""
        name = question["package"]["name"]
        self.asked.add((name, question["version"]))
        if name == self.breaks_off_at:
            return None
        return (
            self.page
            or json.dumps({"vulns": self.known[name]} if name in self.known else {}).encode()
        )


def vulnerability(package: str, *fixed: str) -> dict[str, Any]:
    """Return what OSV says of one vulnerability, mended in the versions `fixed`."""
    events = [{"introduced": "0"}, *({"fixed": version} for version in fixed)]
    return {
        "id": "PYSEC-0000-1",
        "summary": "an example",
        "affected": [
            {
                "package": {"name": package, "ecosystem": "PyPI"},
                "ranges": [{"type": "ECOSYSTEM", "events": events}],
            }
        ],
    }


@contextmanager
def serving() -> Iterator[Osv]:
    """Run a service until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            answer = osv.answer(json.loads(body))
            self.send_response(500 if answer is None else osv.status)
            self.send_header("content-length", str(len(answer or b"") + osv.lacks_bytes))
            self.end_headers()
            self.wfile.write(answer or b"")

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
            del format, args

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    osv = Osv(f"http://127.0.0.1:{server.server_port}/v1/query")
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield osv
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
