"""What the Dockerfile says of the images: stages, and what each gets of the repository."""

import re
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCKERFILE = ROOT / "Dockerfile"
IMAGES = ("api", "indexer", "intelligence")


@dataclass
class Stage:
    """One stage: its base and its instructions, in order."""

    base: str
    instructions: list[tuple[str, str]] = field(default_factory=list)


def _stages() -> dict[str, Stage]:
    """Return the stages by name; what stands before the first is under the empty name."""
    lines = [line for line in DOCKERFILE.read_text().splitlines() if not line.startswith("#")]
    stages = {"": Stage("")}
    name = ""
    for line in re.sub(r"\\\n\s*", " ", "\n".join(lines)).splitlines():
        instruction, _, rest = line.strip().partition(" ")
        if instruction == "FROM":
            base, _, name = rest.partition(" AS ")
            stages[name] = Stage(base)
        elif instruction:
            stages[name].instructions.append((instruction, rest.strip()))
    return stages


STAGES = _stages()


def lineage_of(name: str) -> list[Stage]:
    """Return a stage and those it is built from, itself last."""
    found: list[Stage] = []
    while name in STAGES:
        found.insert(0, STAGES[name])
        name = STAGES[name].base
    return found


def all_of(image: str, instruction: str) -> list[str]:
    """Return what all instructions of this kind say, in order."""
    return [
        rest
        for stage in lineage_of(image)
        for name, rest in stage.instructions
        if name == instruction
    ]


def environment_of(image: str) -> dict[str, str]:
    """Return the variables that an image sets."""
    words = " ".join(all_of(image, "ENV")).split()
    return dict(word.split("=", 1) for word in words)


def sources_of(image: str) -> set[str]:
    """Return what of the repository gets into an image or into what it is copied from."""
    sources = set()
    for copy in all_of(image, "COPY"):
        words = copy.split()
        if words[0].startswith("--from="):
            sources |= sources_of(words[0].removeprefix("--from="))
        else:
            sources |= {word.rstrip("/") for word in words[:-1]}
    return sources
