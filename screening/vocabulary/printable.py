"""Others' words, as they may be shown: a terminal obeys what does not print."""


def printable(text: str) -> str:
    """Return `text` with a space in place of each character that does not print."""
    return "".join(c if c.isprintable() else " " for c in text)
