"""Selectors of the lists that publishing is tried with."""

PHONE = ("phone", "+12025550142")


EMAIL = ("email", "listed@list.example")


CARD = ("card", "4242424242424242")


OTHER = ("phone", "+12025550143")


def rows(*selectors: tuple[str, str], role: str = "trafficker") -> list[tuple[str, str, str]]:
    return [(*selector, role) for selector in selectors]
