"""Parts of scripts that Redis runs: whoever needs one sets it before a script of its own.

A script reads what others have put under `run:*`, and must neither fail at it nor keep Redis busy
with it.
"""

from importlib.resources import files
from typing import Final

_HERE: Final = files("screening.store")
MARKS: Final = _HERE.joinpath("marks.lua").read_bytes()
"""`find_moment(name)` and `mark(name, since, life_ms)`."""
HASHES: Final = _HERE.joinpath("hashes.lua").read_bytes()
"""`hash(name)`, `keep_in(name, field, value, life_ms)` and `bounded(number)`."""
