"""What of WCAG 2.2, A and AA, a page breaks, as far as axe-core tells."""

from functools import cache
from typing import Any, Final

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

_OPTIONS: Final = {
    "runOnly": {
        "type": "tag",
        "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
    },
    "resultTypes": ["violations", "incomplete"],
    "preload": False,  # it would fetch style sheets anew, which the policy of contents forbids
}

_axe = cache(Axe)


def breaches(page: Page) -> list[str]:
    """Return what is broken, or cannot be told, each with the element that it is about."""
    found: dict[str, Any] = _axe().run(page, options=_OPTIONS).response
    return [
        f"{rule['id']}: {rule['help']}: {node['html']} {node.get('failureSummary', '')}"
        for kind in ("violations", "incomplete")
        for rule in found[kind]
        for node in rule["nodes"]
    ]
