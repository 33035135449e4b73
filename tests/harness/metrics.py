"""What an API says on its metrics port."""

import httpx
from prometheus_client.parser import text_string_to_metric_families

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
