"""What no limit of a partner exceeds, whoever writes it."""

from typing import Final

MOST_SELECTORS: Final = 10**12
"""Of a rate, a burst or a budget: a thousand times what asks about everybody alive. Beyond it a
header would grow by digits, and sums of microseconds leave what a double counts exactly.
"""
