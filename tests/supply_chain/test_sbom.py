"""What an image's bill of materials says is what its locked requirements say, and valid."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from packaging.markers import default_environment
from packaging.requirements import Requirement

from screening import __version__
from supply_chain.sbom import IMAGES, ROOT, SPEC_VERSION

pytestmark = pytest.mark.slow
NEVER_ON_LINUX = {"colorama", "async-timeout"}


def written(folder: Path, **environment: str) -> dict[str, bytes]:
    subprocess.run(
        [sys.executable, "-m", "supply_chain.sbom", str(folder)],
        cwd=ROOT,
        env={**os.environ, **environment},
        check=True,
        capture_output=True,
        timeout=120,
    )
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    return written(tmp_path_factory.mktemp("sbom"))


def document(documents: dict[str, bytes], image: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(documents[f"screening-{image}.cdx.json"])
    return found


def locked(image: str) -> dict[str, tuple[str, set[str]]]:
    """Return package -> version and hashes, by a reader of its own."""
    found = {}
    text = (ROOT / f"requirements/{image}.txt").read_text()
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    for entry in "\n".join(lines).replace("\\\n", " ").splitlines():
        head, *hashes = entry.split(" --hash=sha256:")
        requirement = Requirement(head.strip())
        (pin,) = requirement.specifier
        found[requirement.name] = (pin.version, {one.strip() for one in hashes})
    return found


def test_there_is_one_for_each_image(documents: dict[str, bytes]) -> None:
    assert sorted(documents) == [
        f"screening-{image}.cdx.json" for image in ("api", "indexer", "intelligence")
    ]
    targets = [line for line in (ROOT / "Dockerfile").read_text().splitlines() if " AS " in line]
    assert {line.split()[-1] for line in targets if "FROM runtime" in line} == set(IMAGES)


@pytest.mark.parametrize("image", IMAGES)
def test_it_is_valid_cyclonedx(documents: dict[str, bytes], image: str) -> None:
    # Imported here: it compiles its grammars for a second, in whatever process it is collected.
    from cyclonedx.schema import SchemaVersion  # noqa: PLC0415
    from cyclonedx.validation.json import JsonStrictValidator  # noqa: PLC0415

    validator = JsonStrictValidator(SchemaVersion.from_version(SPEC_VERSION))
    text = documents[f"screening-{image}.cdx.json"].decode()
    assert validator.validate_str(text) is None
    assert validator.validate_str(text.replace('"library"', '"librarian"')) is not None


@pytest.mark.parametrize("image", IMAGES)
def test_it_names_what_the_image_installs_with_its_hashes(
    documents: dict[str, bytes], image: str
) -> None:
    told = document(documents, image)
    libraries = {one["name"]: one for one in told["components"] if one["type"] == "library"}
    pins = locked(image)
    assert pins.keys() - libraries.keys() <= NEVER_ON_LINUX | {"tzdata"}
    for name, component in libraries.items():
        version, hashes = pins[name]
        assert component["version"] == version
        assert component["purl"] == f"pkg:pypi/{name}@{version}"
        (files,) = component["externalReferences"]
        assert {one["content"] for one in files["hashes"]} == hashes
    assert told["metadata"]["component"]["name"] == f"screening-{image}"
    assert told["metadata"]["component"]["version"] == __version__


@pytest.mark.parametrize("image", IMAGES)
def test_it_names_the_base_by_the_tag_that_the_image_is_made_of(
    documents: dict[str, bytes], image: str
) -> None:
    (base,) = (
        one for one in document(documents, image)["components"] if one["type"] == "container"
    )
    assert base["name"] == "docker.io/library/python"
    assert f"ARG PYTHON_TAG={base['version']}\n" in (ROOT / "Dockerfile").read_text()


@pytest.mark.parametrize("image", IMAGES)
def test_everything_in_it_is_needed_by_something(documents: dict[str, bytes], image: str) -> None:
    told = document(documents, image)
    needs = {one["ref"]: one["dependsOn"] for one in told["dependencies"]}
    reached: set[str] = set()
    waiting = [told["metadata"]["component"]["bom-ref"]]
    while waiting:
        ref = waiting.pop()
        if ref not in reached:
            reached.add(ref)
            waiting += needs.get(ref, [])
    assert reached - {f"screening-{image}"} == {one["bom-ref"] for one in told["components"]}


def test_the_same_tree_gives_the_same_bytes_wherever_it_lies(
    documents: dict[str, bytes], tmp_path: Path
) -> None:
    again = written(tmp_path / "again", PYTHONHASHSEED="7", TZ="Pacific/Auckland", LC_ALL="C")
    assert again == documents


@pytest.mark.parametrize("image", IMAGES)
def test_it_names_no_index_and_no_path_of_this_machine(
    documents: dict[str, bytes], image: str
) -> None:
    told = document(documents, image)
    del told["metadata"]["tools"]  # which say where they come from themselves
    text = json.dumps(told)
    assert "/simple" not in text
    assert str(ROOT) not in text
    assert default_environment()["platform_release"] not in text
