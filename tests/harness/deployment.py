"""A whole deployment of a test's own: keyring, list, store, and an API on a free port."""

import base64
import csv
import os
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import httpx

from screening.file_lock import try_flock
from screening.store.embedded_directory import StoreDirectory
from screening.vocabulary.kit import Kit, parse_kit
from screening.vocabulary.normalise import normalise
from screening.vocabulary.normaliser_versions import in_version
from screening.vocabulary.tokens import stretch
from tests.harness import plain_http
from tests.harness.processes import Process, children_named, children_of, eventually, held_by
from tests.harness.template import Ended, Template, is_for_python
from tests.harness.valkey import Valkey

if TYPE_CHECKING:
    import pytest  # which benchmarks, that deploy as well, do not need

BIN = Path(sys.executable).parent

_AT_WORK = "another indexer command is at work here"


class Api:
    """A running `screening serve`."""

    def __init__(self, process: Process, url: str, metrics_url: str) -> None:
        self.process = process
        self.url = url
        self.metrics_url = metrics_url

    def worker_pids(self) -> list[int]:
        """Return the pids of the worker processes: those that hold a journal segment open."""
        return [pid for pid in children_of(self.process.pid) if _role_of(pid) == "worker"]

    def sync_pid(self) -> int:
        pid = self.find_sync_pid()
        assert pid is not None, "sync does not run"
        return pid

    def find_sync_pid(self) -> int | None:
        """Return the pid of sync, or None while it does not run."""
        return next(iter(children_named(self.process.pid, "gen-sync")), None)

    def find_log_pid(self) -> int | None:
        """Return the pid of the process that keeps the log, or None while it does not."""
        children = children_of(self.process.pid)
        return next((pid for pid in children if _role_of(pid) == "log"), None)

    def stop(self) -> None:
        self.process.stop()


class Deployed:
    """What an operator has set up below one folder.

    Its commands, the API among them, are forked from `template` where there is one, and started
    anew where there is none. An API is started anew also within another command, and where its
    environment has settings of Python itself.
    """

    def __init__(
        self, folder: Path, *, redis_url: str | None, template: Template | None = None
    ) -> None:
        self.folder = folder
        self._template = template
        self.home = folder / "screening"
        self.indexer_home = folder / "indexer"
        self.secrets = folder / "secrets"
        self.disclosure = folder / "disclosure"
        self.environment = {
            **{name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ},
            "SCREENING_HOME": str(self.home),
            "SCREENING_SECRETS": str(self.secrets),
            "INDEXER_HOME": str(self.indexer_home),
            "DISCLOSURE_HOME": str(self.disclosure),
            "PYTHONWARNINGS": "error",
        }
        if redis_url:
            self.environment["SCREENING_REDIS_URL"] = redis_url
        self._served = 0
        self._kept: list[Process] = []

    def run(
        self, command: str, *arguments: str, stdin: str = "", expect: int | None = 0
    ) -> "subprocess.CompletedProcess[str]":
        done = (
            self._started(command, *arguments, stdin=stdin)
            if self._template is None
            else self.forked(*arguments, command=command, stdin=stdin).completed()
        )
        if expect is not None:
            assert done.returncode == expect, (done.returncode, done.stdout, done.stderr)
        return done

    def indexer(
        self, *arguments: str, expect: int | None = 0
    ) -> "subprocess.CompletedProcess[str]":
        """Run a command, which waits for the end of another one where it is to succeed."""

        def ended() -> "subprocess.CompletedProcess[str] | None":
            done = self.run("indexer", *arguments, expect=None)
            return None if expect == 0 and _AT_WORK in done.stderr else done

        done = eventually(ended, what="an indexer without another command")
        if expect is not None:
            assert done.returncode == expect, (done.returncode, done.stdout, done.stderr)
        return done

    def forked(
        self,
        *arguments: str,
        command: str = "indexer",
        stdin: str = "",
        kill_before: int | None = None,
        **settings: str,
    ) -> Ended:
        """Run a command from the template; `settings` are environment variables."""
        assert self._template is not None
        return self._template.run(
            *arguments,
            command=command,
            stdin=stdin,
            cwd=self.folder,
            kill_before=kill_before,
            **{**self.environment, **settings},
        )

    def publish(
        self, rows: Iterable[tuple[str, str, str]], *options: str, expect: int | None = 0
    ) -> "subprocess.CompletedProcess[str]":
        """Publish (kind, value, role) rows as the list."""
        path = self.folder / "list.csv"
        with path.open("w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(("kind", "value", "role"))
            writer.writerows(rows)
        return self.indexer("publish", str(path), *options, expect=expect)

    def add_partner(
        self, name: str, *options: str, url: str = "http://127.0.0.1:8080"
    ) -> "Partner":
        kit = self.folder / f"{name}.kit.json"
        self.indexer("partner", "add", name, "--kit", str(kit), "--api-url", url, *options)
        return Partner(kit)

    def serve(self, *, workers: int = 1, within: Sequence[str] = (), **settings: str) -> Api:
        """Start the API and wait until it is live; `settings` are environment variables.

        `within` is a command that becomes the server: its last arguments are the server's command.
        """
        log = self.folder / f"serve-{self._served}.log"
        self._served += 1
        arguments = ["serve", "--port", "0", "--metrics-port", "0", "--workers", str(workers)]
        environment = {**self.environment, **settings}
        process = (
            Process(
                [*within, str(BIN / "screening"), *arguments],
                log,
                environment=environment,
                cwd=self.folder,
            )
            if within or self._template is None or is_for_python(environment)
            else self._template.serve(
                "screening", *arguments, log=log, environment=environment, cwd=self.folder
            )
        )
        self.keep(process)

        def said() -> re.Match[str] | None:
            assert process.popen.poll() is None, process.logged()
            return re.search(r"(http://\S+:\d+), metrics on port (\d+)", process.logged())

        found = eventually(said, what="the API's address")
        api = Api(process, found[1], f"http://127.0.0.1:{found[2]}/metrics")
        eventually(lambda: _get_status(f"{api.url}/livez") == 200, what="a live API")
        eventually(lambda: len(api.worker_pids()) == workers, what="all workers")
        eventually(api.find_log_pid, what="the keeper of the log")
        return api

    def wait_ready(self, api: Api) -> None:
        eventually(lambda: _get_status(f"{api.url}/readyz") == 200, what="a ready API")

    def keep(self, process: Process) -> None:
        """End a process with the deployment."""
        self._kept.append(process)

    def _started(
        self, command: str, *arguments: str, stdin: str
    ) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [str(BIN / command), *arguments],
            input=stdin,
            capture_output=True,
            text=True,
            env=self.environment,
            cwd=self.folder,
            timeout=120,
            check=False,
        )

    def close(self) -> None:
        """Kill all that it has started, and wait for the end of an embedded store."""
        for process in self._kept:
            process.kill()
        if (self.home / "store").exists():
            eventually(self._store_has_ended, what="the end of the embedded store")

    def _store_has_ended(self) -> bool:
        with StoreDirectory(self.home.resolve() / "store").open_lock("guardian.lock") as lock:
            return try_flock(lock)


@contextmanager
def deployed_beside_valkey(
    folders: "pytest.TempPathFactory", template: Template, *listed: tuple[str, str]
) -> Iterator[tuple[Deployed, Valkey]]:
    """A deployment with a keyring and a Valkey of its own, that the tests of a module share.

    These selectors are on its list, where there are any.
    """
    valkey = Valkey(folders.mktemp("vk"))  # a short name: a socket's path has 108 bytes
    deployed = Deployed(folders.mktemp("deployed"), redis_url=valkey.url, template=template)
    try:
        deployed.indexer("init")
        if listed:
            deployed.publish([(*one, "trafficker") for one in listed])
        yield deployed, valkey
    finally:
        deployed.close()
        valkey.kill()


class Partner:
    """A partner with its kit, who derives tokens by the vocabulary alone."""

    def __init__(self, kit_path: Path) -> None:
        self.kit_path = kit_path
        self.kit: Kit = parse_kit(kit_path.read_bytes())
        self._key_check = self.kit.key_check()

    @property
    def headers(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self.kit.api_key}"}

    def token(self, kind: str, raw: str, region: str | None = None) -> bytes:
        key = self.kit.token_key
        canonical = in_version(normalise(kind, raw, region=region), self.kit.normaliser)
        return key.deriver().token(stretch(canonical, salt=key.salt, profile=key.stretch))

    def body(self, *selectors: tuple[str, str]) -> dict[str, Any]:
        return {
            "key_id": self.kit.token_key.key_id,
            "key_check": _base64(self._key_check),
            "selectors": [
                {"kind": kind, "token": _base64(self.token(kind, raw))} for kind, raw in selectors
            ],
        }

    def ask(
        self, api: Api, *selectors: tuple[str, str], route: str = "check", **said: str
    ) -> httpx.Response:
        body = {**self.body(*selectors), **said}
        return plain_http.post(f"{api.url}/v1/{route}", json=body, headers=self.headers, timeout=10)

    def results(self, api: Api, *selectors: tuple[str, str]) -> list[str]:
        response = self.ask(api, *selectors)
        assert response.status_code == 200, response.text
        results: list[str] = response.json()["results"]
        return results


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode()


def _get_status(url: str) -> int:
    try:
        return plain_http.get(url, timeout=2).status_code
    except httpx.HTTPError:
        return 0


def _role_of(pid: int) -> Literal["worker", "log"] | None:
    """Tell a process by the files it holds: one that has begun."""
    held = held_by(pid)
    if any(one.endswith("/journal/log/lock") for one in held):
        return "log"  # and reads segments
    return "worker" if any("/journal/" in one for one in held) else None
