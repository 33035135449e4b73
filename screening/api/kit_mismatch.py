"""What is said to whoever derives other tokens than a list's."""

from screening.vocabulary.errors import KitMismatch


def kit_mismatch() -> KitMismatch:
    """Refuse a kit that is not as it was given: what it asks would match nothing."""
    return KitMismatch(
        "salt, secret, stretch or normaliser differ from this list's, and nothing was looked up; "
        "restore the kit as it was given, or ask for a new one"
    )
