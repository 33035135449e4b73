"""A writer process for tests: `writer.py FOLDER`.

Appends numbered records, and prints each number once it is durable, until it is killed.
"""

import os
import sys
from itertools import count
from pathlib import Path

from screening.ledger.ledger import Ledger

if __name__ == "__main__":
    ledger = Ledger(Path(sys.argv[1]), host="writer", max_segment_bytes=20_000)
    for number in count():
        ledger.append([b'{"n":%d}' % number])
        os.write(1, b"%d\n" % number)
