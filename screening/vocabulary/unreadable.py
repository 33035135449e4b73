"""What msgspec raises at bytes that are no document."""

from typing import Final

import msgspec

UNREADABLE: Final = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""msgspec lets the first two through unwrapped, and raises the third on deep nesting."""
