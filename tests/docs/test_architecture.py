"""`docs/architecture.md`: its drawings say what the project's files say."""

import re
import tomllib
from typing import Final

from tests.docs.session import ROOT

PAGE: Final = (ROOT / "docs/architecture.md").read_text()


def test_the_drawings_of_the_layers_are_the_contracts() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    layers = [one["layers"] for one in contracts["contracts"] if one["type"] == "layers"]
    rooms = PAGE.partition("## Rooms and layers")[2].partition("\n## ")[0]
    drawn = re.findall(r"```\n(.*?)```", rooms, re.DOTALL)
    assert [one.splitlines() for one in drawn] == layers


def test_every_file_and_folder_that_it_names_is_there() -> None:
    named = re.findall(r"`((?:indexer|intelligence|screening)/[\w/.]+)`", PAGE)
    assert len(named) > 10
    assert [name for name in named if not (ROOT / name).exists()] == []
