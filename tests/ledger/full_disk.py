"""A process for tests whose files may not grow beyond some bytes: `full_disk.py FOLDER`.

Writes numbered records until one is refused, prints `refused`, and after the limit is lifted writes
one more; prints the number of each record once it is durable.
"""

import resource
import signal
import sys
from itertools import count
from pathlib import Path

from screening.ledger.ledger import Ledger
from screening.vocabulary.errors import LedgerUnavailable
from tests.harness.processes import eventually

LIMIT_BYTES = 10_000


def is_taken(ledger: Ledger, payload: bytes) -> bool:
    try:
        ledger.append([payload])
    except LedgerUnavailable:
        return False
    return True


if __name__ == "__main__":
    # Else the kernel kills a process that goes beyond, instead of telling it.
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
    resource.setrlimit(resource.RLIMIT_FSIZE, (LIMIT_BYTES, hard))
    with Ledger(Path(sys.argv[1]), host="full") as ledger:
        for number in count():
            if not is_taken(ledger, b'{"n":%d}' % number):
                break
            sys.stdout.write(f"{number}\n")
        sys.stdout.write("refused\n")
        resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
        eventually(lambda: is_taken(ledger, b'{"n":1000000}'))
        sys.stdout.write("1000000\n")
