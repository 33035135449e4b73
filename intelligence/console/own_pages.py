"""Addresses of the console's own pages: what a form says it stands on, and is gone back to."""

import re
from typing import Final
from urllib.parse import urlencode

from intelligence.console.forms import Form

PAGE_FIELD: Final = "stands_on"
"""The field of a form that says on which page it stands.

With its query where the page gives one (`pages/audit.py`): what was asked for is not repeated.
Not the Referer: of a page that was shown as the answer to a form, that is the address of the form,
which takes no GET.
"""
_PATH: Final = "(?:/[a-z0-9-]{1,64}){1,6}"
_QUERY: Final = r"\?[a-zA-Z0-9_.~%&=+:-]{1,512}"
_OWN: Final = re.compile(f"({_PATH})(?:{_QUERY})?")


BACK_FIELD: Final = "back"
"""What says, in an address and in a form, to which page somebody is taken once they are let in."""


def own_page(address: str) -> str:
    """Return a path with its query, or the start page where that is none of ours."""
    return address if _OWN.fullmatch(address) else "/"


def page_of(form: Form, name: str) -> str:
    """Return the page that a field names, the start page where it names none of ours."""
    return own_page(form.typed.get(name, [""])[0])


def taking_back(path: str, back: str) -> str:
    """Return the address of a page that lets somebody in, and takes them back to another after."""
    return path if back == "/" else f"{path}?{urlencode({BACK_FIELD: back})}"
