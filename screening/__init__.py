"""A screening service: is this phone, card or e-mail on the list - yes or no."""

from typing import Final

__version__: Final = "0.1.0"
