"""Unix time, in which moments are told: it leaves leap seconds out (POSIX), so days are alike."""

from typing import Final

DAY_S: Final = 86_400
HOUR_S: Final = 3_600
