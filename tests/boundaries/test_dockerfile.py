"""What the images hold and how they run, read off the Dockerfile; no engine is needed."""

import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from pydantic_settings import BaseSettings

from indexer.settings import IndexerSettings
from intelligence.settings import IntelligenceSettings
from screening.api.settings import ApiSettings
from screening.store.settings import StoreSettings
from tests.boundaries.images import (
    DOCKERFILE,
    IMAGES,
    ROOT,
    STAGES,
    all_of,
    environment_of,
    sources_of,
)
from tests.harness.deployment import BIN, Deployed


def test_hadolint_finds_nothing() -> None:
    options = ["--no-color", "--failure-threshold", "style", "--trusted-registry", "docker.io"]
    done = subprocess.run(
        [str(BIN / "hadolint"), *options, str(DOCKERFILE)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "")


def test_the_base_image_has_a_tag_and_takes_a_digest() -> None:
    outside = {stage.base for stage in STAGES.values()} - STAGES.keys()
    assert outside == {"docker.io/library/python:${PYTHON_TAG}${PYTHON_DIGEST:+@${PYTHON_DIGEST}}"}
    arguments = dict(rest.split("=") for _, rest in STAGES[""].instructions)
    assert re.fullmatch(r"3\.\d+-slim-\w+", arguments["PYTHON_TAG"])


def test_the_api_image_holds_the_screening_package_and_its_own_requirements_only() -> None:
    assert sources_of("api") == {
        "LICENSE",
        "deploy/bin/screening",
        "requirements/api.txt",
        "requirements/build.txt",
        "screening",
    }


def test_the_indexer_image_holds_both_packages() -> None:
    assert sources_of("indexer") == {
        "LICENSE",
        "deploy/bin/indexer",
        "indexer",
        "requirements/build.txt",
        "requirements/indexer.txt",
        "screening",
    }


def test_the_console_s_image_holds_nothing_of_the_indexer_and_no_other_holds_the_console() -> None:
    assert sources_of("intelligence") == {
        "LICENSE",
        "deploy/bin/intelligence",
        "intelligence",
        "requirements/build.txt",
        "requirements/intelligence.txt",
        "screening",
    }
    for image in ("api", "indexer"):
        assert not [one for one in sources_of(image) if "intelligence" in one]


def test_what_is_not_copied_does_not_even_reach_the_builder() -> None:
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    assert rules[0] == "*"
    let_in = {rule[1:] for rule in rules if rule.startswith("!")}
    needed = {source for image in IMAGES for source in sources_of(image)}
    for source in needed:
        assert (ROOT / source).exists()
        assert any(Path(source).is_relative_to(folder) for folder in let_in)
    for folder in let_in:
        assert any(Path(source).is_relative_to(folder) for source in needed)


@pytest.mark.parametrize("image", IMAGES)
def test_an_image_runs_as_a_numeric_user_who_is_not_root(image: str) -> None:
    user, group = all_of(image, "USER")[-1].split(":")
    assert int(user) >= 10_000
    assert int(group) >= 10_000


@pytest.mark.parametrize("image", IMAGES)
def test_commands_are_in_exec_form(image: str) -> None:
    for instruction in ("ENTRYPOINT", "CMD"):
        words = json.loads(all_of(image, instruction)[-1])
        assert all(isinstance(word, str) for word in words)
    assert json.loads(all_of(image, "ENTRYPOINT")[-1])[0] in {
        "screening",
        "indexer",
        "intelligence",
    }


@pytest.mark.parametrize("image", IMAGES)
def test_every_path_that_is_written_lies_on_a_mount(image: str) -> None:
    environment = environment_of(image)
    homes = {name: path for name, path in environment.items() if name.endswith("_HOME")}
    assert homes
    (volume,) = json.loads(all_of(image, "VOLUME")[-1])
    for path in homes.values():
        # One below the mount, whose own mode the service has no say in.
        assert Path(path).parent == Path(volume) == Path("/var/lib/screening")
    assert environment["SCREENING_SECRETS"].startswith("/run/secrets/")
    assert environment["PYTHONDONTWRITEBYTECODE"] == "1"
    assert all_of(image, "WORKDIR")[-1] == volume


def test_the_api_listens_beyond_its_container_and_its_metrics_do_not() -> None:
    environment = environment_of("api")
    assert environment["SCREENING_HOST"] == "0.0.0.0"  # noqa: S104 - what a container must do
    assert "SCREENING_METRICS_HOST" not in environment
    assert ApiSettings.model_fields["metrics_host"].default == "127.0.0.1"
    assert all_of("api", "EXPOSE") == [environment["SCREENING_PORT"]]


def test_console_and_indexer_meet_in_a_folder_that_their_images_have() -> None:
    spools = {environment_of(one)[f"{one.upper()}_SPOOL"] for one in ("indexer", "intelligence")}
    assert spools == {"/var/lib/screening/spool"}
    assert any("0700" in run and spools <= set(run.split()) for run in all_of("runtime", "RUN"))


def test_the_console_listens_where_it_says_and_not_without_its_proxy() -> None:
    environment = environment_of("intelligence")
    assert all_of("intelligence", "EXPOSE") == [environment["INTELLIGENCE_PORT"]]
    host: dict[str, Any] = {"INTELLIGENCE_HOST": environment["INTELLIGENCE_HOST"]}
    assert not IntelligenceSettings(**host).is_loopback()
    assert "INTELLIGENCE_PUBLIC_URL" not in environment, "so `serve` refuses until it is given"


PREFIXES = ("SCREENING_", "INDEXER_", "INTELLIGENCE_", "DISCLOSURE_")


def test_private_halves_lie_apart_from_the_home_that_is_backed_up_and_no_api_knows_of_them() -> (
    None
):
    home, apart = (
        Path(environment_of("indexer")[f"{name}_HOME"]) for name in ("INDEXER", "DISCLOSURE")
    )
    assert not home.is_relative_to(apart)
    assert not apart.is_relative_to(home)
    assert "DISCLOSURE_HOME" not in environment_of("api")


@pytest.mark.parametrize("image", IMAGES)
def test_every_variable_of_ours_is_one_that_the_settings_know(image: str) -> None:
    ours = {name for name in environment_of(image) if name.startswith(PREFIXES)}
    assert ours <= _known_variables()


def _known_variables() -> set[str]:
    settings: tuple[type[BaseSettings], ...] = (ApiSettings, IndexerSettings, IntelligenceSettings)
    aliases = {str(one.validation_alias) for kind in settings for one in kind.model_fields.values()}
    return aliases | {f"SCREENING_{name.upper()}" for name in StoreSettings.model_fields}


@pytest.mark.parametrize("image", IMAGES)
def test_the_stated_version_is_the_project_s(image: str) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    labels = dict(re.findall(r'([\w.]+)="([^"]*)"', " ".join(all_of(image, "LABEL"))))
    assert labels["org.opencontainers.image.version"] == project["version"]
    assert labels["org.opencontainers.image.licenses"] == project["license"]
    assert labels["org.opencontainers.image.title"] == f"screening-{image}"


def test_everything_installed_is_checked_against_its_hash_and_no_index_is_named() -> None:
    text = DOCKERFILE.read_text()
    assert "://" not in text
    assert "index-url" not in text
    for stage in STAGES.values():
        for _, run in (one for one in stage.instructions if one[0] == "RUN"):
            for step in run.split("&&"):
                if re.search(r"\bpip (?:install|wheel|download)\b", step):
                    assert "--require-hashes" in step
                elif "pip --python" in step:
                    assert "--no-index --no-deps" in step


def test_no_secret_is_an_argument_or_in_the_environment_of_the_build() -> None:
    for stage in STAGES.values():
        for instruction, rest in stage.instructions:
            if instruction in {"ARG", "ENV"}:
                assert not re.search(r"(?i)passw|token|_key=|redis_url", rest)


def _health_check() -> list[str]:
    stated = all_of("api", "HEALTHCHECK")[-1].partition(" CMD ")[2]
    words: list[str] = json.loads(stated)
    assert words[0] == "python"
    return [sys.executable, *words[1:]]


def test_the_health_check_tells_a_live_api_from_a_dead_one(deployed: Deployed) -> None:
    api = deployed.serve()
    environment = {**os.environ, "SCREENING_PORT": api.url.rpartition(":")[2]}
    live = subprocess.run(_health_check(), env=environment, timeout=30, check=False)
    assert live.returncode == 0

    api.stop()
    dead = subprocess.run(
        _health_check(), env=environment, timeout=30, check=False, capture_output=True
    )
    assert dead.returncode != 0


@pytest.mark.parametrize("image", IMAGES)
def test_an_image_s_command_starts_from_copied_packages_alone(image: str, tmp_path: Path) -> None:
    command = json.loads(all_of(image, "ENTRYPOINT")[-1])[0]
    app = tmp_path / "app"
    app.mkdir()
    for package in sources_of(image) & {"screening", "indexer", "intelligence"}:
        (app / package).symlink_to(ROOT / package)
    # Without the environment's own link to this repository (-S leaves .pth files alone): what the
    # image does not hold cannot be imported here either.
    packages = next(Path(sys.prefix).glob("lib/python3*/site-packages"))
    done = subprocess.run(
        [sys.executable, "-S", "-P", ROOT / "deploy" / "bin" / command, "--help"],
        env={"PYTHONPATH": f"{app}:{packages}", "PYTHONDONTWRITEBYTECODE": "1"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "Usage" in done.stdout


def test_the_api_package_needs_nothing_of_the_indexer(tmp_path: Path) -> None:
    app = tmp_path / "app"
    app.mkdir()
    (app / "screening").symlink_to(ROOT / "screening")
    packages = next(Path(sys.prefix).glob("lib/python3*/site-packages"))
    program = (
        # What the image does not have installed, this environment has.
        "from screening.kept_out import keep_out\n"
        "keep_out()\n"
        "import importlib.util, screening.api.app, screening.api.run_sync, screening.api.serve\n"
        "import sys\n"
        "assert importlib.util.find_spec('indexer') is None\n"
        "print(*sorted(name for name, module in sys.modules.items() if module is not None))"
    )
    done = subprocess.run(
        [sys.executable, "-S", "-P", "-c", program],
        env={"PYTHONPATH": f"{app}:{packages}", "PYTHONDONTWRITEBYTECODE": "1"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = set(done.stdout.split())
    assert "screening.api.app" in loaded
    assert not loaded & {"sqlalchemy", "sqlite3", "advanced_alchemy", "indexer"}
