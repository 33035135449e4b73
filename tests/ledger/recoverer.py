"""A process for tests that waits for its stdin to end, then recovers: `recoverer.py FOLDER`.

Prints the ids of the segments that it sealed.
"""

import sys
from pathlib import Path

from screening.ledger.recovery import recover_ledger

if __name__ == "__main__":
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.read()
    sys.stdout.write("\n".join(recover_ledger(Path(sys.argv[1])).sealed))
