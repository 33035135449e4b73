"""`make sbom`: what each image installs, as CycloneDX, the same bytes from the same tree.

Read off the locked requirements, which the images install hash by hash: nothing is resolved,
fetched or looked at on this machine. What the base image brings is named by its tag alone: its own
packages are told by whoever builds on a digest of their choice (docs/operations.md).
"""

import argparse
import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from packaging.requirements import Requirement

ROOT: Final = Path(__file__).parents[1]
IMAGES: Final = ("api", "indexer", "intelligence")
SPEC_VERSION: Final = "1.6"

_NEWEST_PATCH: Final = 99
"""The tag of the base image names a minor version, and holds the newest patch of it."""


@dataclass(frozen=True, slots=True)
class Pin:
    """One locked package: its requirement with hashes, and what needs it."""

    requirement: Requirement
    text: str
    needed_by: tuple[str, ...]


def main() -> int:
    """Write one document for each image, and say where."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", default=ROOT / "dist/sbom")
    folder: Path = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    for image in IMAGES:
        path = folder / f"screening-{image}.cdx.json"
        path.write_text(json.dumps(describe(image), indent=1, sort_keys=True) + "\n")
        print(path)
    return 0


def describe(image: str) -> dict[str, Any]:
    """Return the document of one image."""
    pins = pins_of(image)
    document = _components("".join(pin.text for pin in pins))
    by_name: dict[str, dict[str, Any]] = {one["name"]: one for one in document["components"]}
    for component in by_name.values():
        component["bom-ref"] = component["purl"]
        del component["description"]  # the line that it was read from, all of it
        # Whoever builds says from which index; the hashes hold wherever it came from.
        for reference in component["externalReferences"]:
            reference["url"] = component["purl"]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    base = _base_image()
    root = {
        "type": "container",
        "bom-ref": f"screening-{image}",
        "name": f"screening-{image}",
        "version": project["version"],
        "licenses": [{"license": {"id": project["license"]}}],
    }
    document["metadata"]["component"] = root
    document["components"].append(base)
    document["dependencies"] = _dependencies(root["bom-ref"], pins, by_name)
    document["dependencies"][0]["dependsOn"].append(base["bom-ref"])
    return document


def pins_of(image: str) -> list[Pin]:
    """Return what an image installs; what its platform does not need is left out."""
    version = _python_version()
    platform = {
        "implementation_name": "cpython",
        "os_name": "posix",
        "platform_machine": "x86_64",  # and aarch64: no requirement tells the two apart
        "platform_python_implementation": "CPython",
        "platform_system": "Linux",
        "python_full_version": f"{version}.{_NEWEST_PATCH}",
        "python_version": version,
        "sys_platform": "linux",
    }
    return [
        pin
        for pin in _locked((ROOT / f"requirements/{image}.txt").read_text())
        if pin.requirement.marker is None or pin.requirement.marker.evaluate(platform)
    ]


def _locked(text: str) -> Iterator[Pin]:
    """Yield the entries of a file that `uv pip compile` has written."""
    for entry in re.split(r"^(?=[a-z0-9])", text, flags=re.MULTILINE)[1:]:
        lines = entry.splitlines(keepends=True)
        comments = [line.strip().removeprefix("#").strip() for line in lines if "#" in line]
        needed_by = [one.removeprefix("via").strip().partition(" ")[0] for one in comments]
        body = "".join(line for line in lines if "#" not in line)
        requirement = Requirement(body.partition("\\\n")[0])
        yield Pin(requirement, body, tuple(name for name in needed_by if name))


def _components(requirements: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "cyclonedx_py", "requirements", "--output-reproducible"]
    done = subprocess.run(
        # What is written in the end is another document, and the tests hold that one to be valid.
        [*command, "--no-validate", "--spec-version", SPEC_VERSION, "-"],
        input=requirements,
        capture_output=True,
        text=True,
        check=True,
    )
    document: dict[str, Any] = json.loads(done.stdout)
    return document


def _dependencies(
    root: str, pins: list[Pin], by_name: dict[str, dict[str, Any]]
) -> list[dict[str, Any]]:
    needs: dict[str, set[str]] = {name: set() for name in ("screening", *by_name)}
    for pin in pins:
        for parent in pin.needed_by:
            if parent in needs:  # else it is one that this platform does not install
                needs[parent].add(by_name[pin.requirement.name]["bom-ref"])
    return [
        {
            "ref": root if name == "screening" else by_name[name]["bom-ref"],
            "dependsOn": sorted(needed),
        }
        for name, needed in needs.items()
    ]


def _base_image() -> dict[str, Any]:
    name, tag = "docker.io/library/python", _python_tag()
    return {"type": "container", "bom-ref": f"{name}:{tag}", "name": name, "version": tag}


def _python_version() -> str:
    return _python_tag().partition("-")[0]


def _python_tag() -> str:
    """Return the tag of the base image, which begins with the version of Python."""
    (tag,) = re.findall(r"^ARG PYTHON_TAG=(\S+)$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    return str(tag)


if __name__ == "__main__":
    sys.exit(main())
