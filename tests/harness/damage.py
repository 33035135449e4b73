"""Damage to files."""

from pathlib import Path


def written_over(path: Path) -> bytes:
    """Write other bytes in a file, under the feet of who has it mapped; return what it held."""
    content = path.read_bytes()
    with path.open("r+b") as file:
        file.write(bytes(byte ^ 0xFF for byte in content))
    return content
