"""One long run of `gen-screen bulk`, in processes of its own, and what its file must be."""

import csv
import resource
import subprocess
import sys
from pathlib import Path

GEN_SCREEN = Path(sys.executable).with_name("gen-screen")
ROWS = 400
BATCH = 20
AT_ONCE = 3


class Run:
    """One `gen-screen bulk` over one file, in a process of its own, as often as it takes."""

    def __init__(self, kit_path: Path, folder: Path) -> None:
        self.source, self.out = folder / "in.csv", folder / "out.csv"
        self.resume = folder / "out.csv.resume"
        self.source.write_text("id,phone\n" + "".join(f"{n},+1202555{n:04}\n" for n in range(ROWS)))
        self.arguments = [
            "bulk", "--kit", str(kit_path), "--batch", str(BATCH), "--in-flight", str(AT_ONCE),
            "--patience", "20", str(self.source), "-o", str(self.out),
        ]  # fmt: skip
        self.limit_bytes: int | None = None
        self.processes: list[subprocess.Popen[str]] = []

    def start(self) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [GEN_SCREEN, *self.arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        if self.limit_bytes is not None:
            limits = (self.limit_bytes, self.limit_bytes)
            resource.prlimit(process.pid, resource.RLIMIT_FSIZE, limits)
        self.processes.append(process)
        return process

    def complete(self) -> str:
        """Run to the end, and return what it said on stderr."""
        out, err = self.start().communicate(timeout=60)
        assert self.processes[-1].returncode == 0, err
        assert "400 rows" in out
        return err

    def recorded(self) -> int:
        """Count the batches that are on disk."""
        return max(0, self.resume.read_bytes().count(b"\n") - 1) if self.resume.exists() else 0

    def rows(self) -> list[dict[str, str]]:
        with self.out.open(newline="") as file:
            return list(csv.DictReader(file))

    def assert_whole(self) -> None:
        """Every row is there once, in order, with the right answer and a receipt of its own."""
        rows = self.rows()
        assert [row["id"] for row in rows] == [str(number) for number in range(ROWS)]
        assert [row["result"] for row in rows] == [
            "no_match" if number % 7 else "match" for number in range(ROWS)
        ]
        assert len({row["receipt"] for row in rows}) == ROWS
        assert not self.resume.exists()
