"""What an API says on its metrics port."""

import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from prometheus_client.parser import text_string_to_metric_families

from tests.harness import plain_http
from tests.harness.deployment import Api
from tests.harness.processes import eventually

Counts = TypeVar("Counts")


def metric(api: Api, name: str, **labels: str) -> float:
    """Return the sum of all samples of that name that carry `labels`."""
    text = plain_http.get(api.metrics_url, timeout=5).text
    return sum(
        sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name == name and labels.items() <= sample.labels.items()
    )


def metrics_folder_of(api: Api) -> Path:
    """Return where the processes of an API keep what they count."""
    mapped = Path(f"/proc/{api.worker_pids()[0]}/maps").read_text()
    found = re.search(r"(/\S*/screening-metrics-[^/\s]+)/\S+\.db", mapped)
    assert found is not None
    return Path(found[1])


def settled(counted: Callable[[], Counts]) -> Counts:
    """Return what is counted once it stands still: what was asked before may be on its way."""
    seen, since = counted(), time.monotonic()

    def stands_still() -> bool:
        nonlocal seen, since
        now = counted()
        if now != seen:
            seen, since = now, time.monotonic()
        return time.monotonic() - since > 0.5

    eventually(stands_still, what="counts that stand still")
    return seen
