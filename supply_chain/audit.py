"""`make audit`: no locked package has a known vulnerability; also the last step of `make check`.

pip-audit asks a service that speaks OSV's protocol (https://google.github.io/osv.dev/api/), which
learns names and versions of what `requirements/` locks, and nothing else. A machine that reaches
none must still be able to check everything else: with `--where-reached` that is said, and no
failure.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx

ROOT: Final = Path(__file__).parents[1]
SERVICE_VARIABLE: Final = "OSV_URL"
SERVICE: Final = "https://api.osv.dev/v1/query"

_LOCKED: Final = (
    "dev",
    "build",
)  # what ships is among them (tests/boundaries/test_requirements.py)
_REACHED_WITHIN_S: Final = 5.0
_ANSWERED_WITHIN_S: Final = 15
_ENDED_WITHIN_S: Final = 600.0


@dataclass(frozen=True, slots=True)
class Finding:
    """A known vulnerability of one locked package; `mended_in` has versions, or none yet."""

    package: str
    version: str
    name: str
    mended_in: tuple[str, ...]

    def __str__(self) -> str:
        mended = f"mended in {', '.join(self.mended_in)}" if self.mended_in else "not mended yet"
        return f"{self.package} {self.version}: {self.name}, {mended}"


class NotAudited(Exception):
    """Whether a vulnerability is known could not be learnt."""


def main() -> int:
    """Say what was found; exit 1 where that is anything, or where nothing could be learnt."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--where-reached", action="store_true", help="pass where no service can be reached"
    )
    parser.add_argument(
        "requirements",
        type=Path,
        nargs="*",
        default=[ROOT / f"requirements/{name}.txt" for name in _LOCKED],
    )
    arguments = parser.parse_args()
    service = os.environ.get(SERVICE_VARIABLE) or SERVICE
    try:
        if not _is_reached(service):
            print(
                "The locked packages were not audited, since no vulnerability service can be "
                "reached from here: run `make audit` where one can, or name one with "
                f"{SERVICE_VARIABLE}.",
                file=sys.stderr,
            )
            return 0 if arguments.where_reached else 1
        packages, findings = audit(arguments.requirements, service)
    except NotAudited as error:
        print(f"The audit of the locked packages broke off: {error}.", file=sys.stderr)
        return 1
    for finding in findings:
        print(finding, file=sys.stderr)
    print(f"{packages} locked packages audited, {len(findings)} known vulnerabilities.")
    return 1 if findings else 0


def audit(requirements: list[Path], service: str) -> tuple[int, list[Finding]]:
    """Return how many packages were asked about, and what is known; raises `NotAudited`."""
    with tempfile.TemporaryDirectory(prefix="screening-audit-") as name:
        report = Path(name) / "report.json"
        command = [sys.executable, "-m", "pip_audit", "--strict", "--disable-pip"]
        command += ["--require-hashes", "--progress-spinner", "off", "--desc", "off"]
        command += ["--vulnerability-service", "osv", "--osv-url", service]
        command += ["--timeout", str(_ANSWERED_WITHIN_S), "--cache-dir", f"{name}/cache"]
        command += ["--format", "json", "--output", str(report)]
        command += [part for path in requirements for part in ("--requirement", str(path))]
        try:
            done = subprocess.run(
                command, capture_output=True, timeout=_ENDED_WITHIN_S, check=False
            )
        except subprocess.TimeoutExpired:
            raise NotAudited("it took too long; run `make audit` again") from None
        # It ends with 1 for what it has found, and for whatever went wrong: then without a report.
        if done.returncode not in (0, 1) or not report.exists() or not report.stat().st_size:
            raise NotAudited("pip-audit could not ask about every package; run `make audit` again")
        return _read(json.loads(report.read_bytes()))


def _read(report: dict[str, Any]) -> tuple[int, list[Finding]]:
    packages = report["dependencies"]
    if not packages or any("vulns" not in package for package in packages):
        raise NotAudited("packages were left out; see `pip-audit --help`")
    findings = [
        Finding(package["name"], package["version"], one["id"], tuple(one["fix_versions"]))
        for package in packages
        for one in package["vulns"]
    ]
    return len(packages), findings


def _is_reached(service: str) -> bool:
    """Ask about a package that nobody has; tell whether anything but a page was there to answer.

    Raises `NotAudited` where what was reached refuses, fails or breaks off.
    """
    question = {"package": {"name": "screening-audit.invalid", "ecosystem": "PyPI"}, "version": "0"}
    try:
        answer = httpx.post(service, json=question, timeout=_REACHED_WITHIN_S)
    except (httpx.NetworkError, httpx.TimeoutException, httpx.ProxyError):
        return False
    except (httpx.UnsupportedProtocol, httpx.InvalidURL, UnicodeError):
        raise NotAudited(f"{SERVICE_VARIABLE} is no address of a service; mend it") from None
    except httpx.HTTPError:
        raise NotAudited("the service gave no whole answer; run `make audit` again") from None
    if answer.status_code != httpx.codes.OK:
        raise NotAudited(
            f"the service answered {answer.status_code}; check {SERVICE_VARIABLE}, or run "
            "`make audit` again later"
        )
    try:
        return isinstance(answer.json(), dict)
    except ValueError:  # The page of a network that wants a login first, as a rule.
        return False


if __name__ == "__main__":
    sys.exit(main())
