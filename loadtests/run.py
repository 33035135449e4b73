"""`make load`: a server of its own, and the checkout mix against it for some seconds."""

import argparse
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.harness.deployment import BIN, Deployed

LOCUSTFILE = Path(__file__).parent / "locustfile.py"


def run_mix(folder: Path, *, seconds: int, users: int) -> "subprocess.CompletedProcess[str]":
    """Publish a list, serve it, run locust headless; its exit code is not 0 on any error."""
    deployed = Deployed(folder, redis_url=None)
    try:
        deployed.indexer("init")
        deployed.publish([("phone", "+1 202 555 0142", "trafficker")])
        partner = deployed.add_partner("acme", "--scopes", "check,bulk")
        # Else a fast machine would ask more in a second than a new partner may.
        deployed.indexer("partner", "limits", "acme", "--per-second", "1000000")
        api = deployed.serve(workers=1)
        deployed.wait_ready(api)
        command = [str(BIN / "locust"), "-f", str(LOCUSTFILE), "--headless", "--only-summary"]
        command += ["--host", api.url, "-u", str(users), "-r", str(users), "-t", f"{seconds}s"]
        environment = {**deployed.environment, "SCREENING_LOAD_KIT": str(partner.kit_path)}
        environment["PYTHONWARNINGS"] = "ignore"  # gevent warns of its own monkey-patching
        environment["PYTHONPATH"] = str(Path(__file__).parents[1])
        return subprocess.run(
            [*command, "--exit-code-on-error", "1"],
            env=environment,
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=seconds + 60,
            check=False,
        )
    finally:
        deployed.close()


def main() -> int:
    """Run the mix and print locust's summary."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # what is begun is cleared away
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=20)
    parser.add_argument("--users", type=int, default=20)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="screening-load-") as folder:
        done = run_mix(Path(folder), seconds=arguments.seconds, users=arguments.users)
    print(done.stdout, done.stderr)
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
