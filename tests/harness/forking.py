"""The process that `template.py` has commands forked from: `python -m` MODULE PACKAGES...

It reads an order from each line, and replies with a line for it.
"""

import gc
import importlib
import json
import os
import pkgutil
import signal
import sys
import traceback
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from prometheus_client import values

from screening.kept_out import keep_out
from screening.parent_death import die_with_parent
from tests.harness.steps import NEVER, Steps

_MODULES: Final = {
    "indexer": "indexer.cli",
    "screening": "screening.cli",
    "gen-screen": "screening.client.cli",
    "intelligence": "intelligence.cli",
}
_OF_ALEMBIC: Final = "intelligence.store.migrations."
"""Which imports these itself, one after the other, as it needs them."""


def _run(order: dict[str, Any]) -> None:
    """Become the command; never returns."""
    os.environ.clear()
    os.environ.update(order["environment"])
    os.chdir(order["folder"])
    os.dup2(os.open(order["stdin"], os.O_RDONLY), 0)
    for descriptor, name in ((1, "stdout"), (2, "stderr")):
        os.dup2(os.open(order[name], order["flags"], 0o600), descriptor)
    sys.argv = [order["command"], *order["arguments"]]
    if sys.argv[:2] != ["screening", "serve"]:
        # What the API alone has, whose processes count together, was found as it was imported.
        values.ValueClass = values.get_value_class()  # type: ignore[no-untyped-call]
    try:
        main = importlib.import_module(_MODULES[order["command"]]).main
        if "steps" in order:
            steps = os.open(order["steps"], order["flags"], 0o600)
            stops, kill_before = order.get("stops", False), order.get("kill_before")
            if stops or kill_before is not None:
                Steps(steps, NEVER if kill_before is None else kill_before, stops=stops).watch()
        code = main() or 0
    except SystemExit as ending:
        code = ending.code if isinstance(ending.code, int) else 1
    except BaseException:  # as the interpreter tells of what no command has foreseen
        traceback.print_exc()
        code = 1
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _import_whole(name: str) -> None:
    """Import a module, and all below it, so that the forked processes need not."""
    module = importlib.import_module(name)
    for found in pkgutil.walk_packages(getattr(module, "__path__", ()), f"{name}."):
        if not found.name.startswith(_OF_ALEMBIC):
            importlib.import_module(found.name)


def _serve_orders() -> None:
    with_module, *packages = sys.argv[1:]
    if with_module:
        importlib.import_module(with_module).install()
    for name in packages:
        if name == "screening.api":
            keep_out()  # as its commands do first; what is imported already stays
        _import_whole(name)
    # What many of them would make for themselves: what OpenSSL loads when it is first asked for a
    # key, whose generator of random numbers knows of forks; rules that every change of the list
    # reads, and the numbering plans of their countries with them; what is kept of tables.
    Ed25519PrivateKey.generate().sign(b"")
    X25519PrivateKey.generate()
    if "indexer" in packages:
        rules = importlib.import_module("screening.exclusions.defaults").default_rules()
        importlib.import_module("screening.exclusions.matcher").Exclusions(rules)
    if "intelligence" in packages:
        importlib.import_module("sqlalchemy.orm").configure_mappers()
    gc.freeze()  # what is collected in a forked process was copied for that
    running = 0
    for line in sys.stdin.buffer:
        order = json.loads(line)
        if "ended" in order:
            answer = _find_code(order["ended"], os.WNOHANG)
        elif order.get("goes_on"):
            answer = _forked(order)
        else:
            running = _go_on(running) if "going_on" in order else _forked(order)
            answer = _find_code(running, os.WUNTRACED)
        print(json.dumps(answer), flush=True)  # noqa: T201 - the reply


def _go_on(pid: int) -> int:
    os.kill(pid, signal.SIGCONT)
    return pid


def _find_code(pid: int, options: int) -> int | None:
    """Return how a command ended; None of one that goes on, or has stopped."""
    pid, status = os.waitpid(pid, options)
    return None if not pid or os.WIFSTOPPED(status) else os.waitstatus_to_exitcode(status)


def _forked(order: dict[str, Any]) -> int:
    """Return the process id of a command; one that goes on is the first of a group of its own."""
    request_death = die_with_parent(os.getpid())
    pid = os.fork()
    if not pid:
        if order.get("goes_on"):
            os.setsid()
            if request_death is not None:
                request_death()
        _run(order)
    return pid


if __name__ == "__main__":
    _serve_orders()
