"""What an API says on its metrics port."""

from pathlib import Path

import httpx
from prometheus_client.parser import text_string_to_metric_families

from screening.api.metrics_folder import METRICS_VARIABLE
from tests.harness.deployment import Api


def metric(api: Api, name: str, **labels: str) -> float:
    """Return the sum of all samples of that name that carry `labels`."""
    text = httpx.get(api.metrics_url, timeout=5).text
    return sum(
        sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name == name and labels.items() <= sample.labels.items()
    )


def metrics_folder_of(api: Api) -> Path:
    """Return where the processes of an API keep what they count."""
    environment = Path(f"/proc/{api.worker_pids()[0]}/environ").read_bytes().split(b"\0")
    variable = f"{METRICS_VARIABLE}=".encode()
    found = next(one for one in environment if one.startswith(variable))
    return Path(found.removeprefix(variable).decode())
