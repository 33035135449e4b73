"""A process for tests whose files may not grow beyond some bytes: `full_disk.py FOLDER`.

Writes numbered records until one is refused, prints `refused`, and after the limit is lifted writes
one more; prints the number of each record once it is durable.
"""

import resource
import signal
import sys
import time
from itertools import count
from pathlib import Path

from screening.ledger.ledger import REOPEN_AFTER_S, Ledger
from screening.vocabulary.errors import LedgerUnavailable

LIMIT_BYTES = 10_000

if __name__ == "__main__":
    # Else the kernel kills a process that goes beyond, instead of telling it.
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
    resource.setrlimit(resource.RLIMIT_FSIZE, (LIMIT_BYTES, hard))
    with Ledger(Path(sys.argv[1]), host="full") as ledger:
        for number in count():
            try:
                ledger.append([b'{"n":%d}' % number])
            except LedgerUnavailable:
                break
            sys.stdout.write(f"{number}\n")
        sys.stdout.write("refused\n")
        resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
        time.sleep(REOPEN_AFTER_S)  # as long as the ledger promises not to try
        ledger.append([b'{"n":1000000}'])
        sys.stdout.write("1000000\n")
