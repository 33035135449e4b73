"""A second normaliser version, as a test needs one: no real one has been made yet.

It takes for one mailbox what one (fictional) provider delivers to one.
"""

from typing import Final

from screening.vocabulary.normaliser_versions import LATER_VERSIONS
from screening.vocabulary.selector import Canonical, SelectorKind

PROVIDER: Final = "mailbox.example"


def without_dots(canonical: Canonical) -> str:
    """Drop what the provider ignores: dots, and all from the first plus."""
    local, _, domain = canonical.text.partition("@")
    if canonical.kind is not SelectorKind.EMAIL or domain != PROVIDER:
        return canonical.text
    bare = local.partition("+")[0].replace(".", "")
    return f"{bare}@{domain}" if bare else canonical.text


def install() -> None:
    """Make it known in this process; a test undoes that by its fixture `second_normaliser`."""
    LATER_VERSIONS[2] = without_dots
