"""Pictures of pages: kept by a run, small enough to be handed out with the hand-books."""

import io
import os
from pathlib import Path
from typing import Final

from PIL import Image

FOLDER: Final = "SCREENSHOTS"
"""The variable that names where they are kept, unless below `build`."""
_ROOT: Final = Path(__file__).parents[2]
_COLOURS: Final = 32
"""Of a page with little colour: text is drawn in shades of its own."""


def kept_picture(name: str, png: bytes) -> None:
    """Keep a picture, with a palette in place of true colours."""
    folder = Path(os.environ.get(FOLDER) or _ROOT / "build/screenshots")
    folder.mkdir(parents=True, exist_ok=True)
    with Image.open(io.BytesIO(png)) as picture:
        small = picture.convert("RGB").quantize(_COLOURS, dither=Image.Dither.NONE)
        small.save(folder / f"{name}.png", optimize=True)
