"""A writer process for tests: `writer.py FOLDER MAX_SEGMENT_BYTES`.

Appends numbered records, and prints each number once it is durable, until it is killed.
"""

import os
import sys
from itertools import count
from pathlib import Path

from screening.ledger.ledger import Ledger

if __name__ == "__main__":
    ledger = Ledger(Path(sys.argv[1]), host="writer", max_segment_bytes=int(sys.argv[2]))
    for number in count():
        ledger.append([b'{"n":%d}' % number])
        os.write(1, b"%d\n" % number)
