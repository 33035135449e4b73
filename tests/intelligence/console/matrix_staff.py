"""How the staff of the matrix comes, and how what people see of themselves is labelled."""

import re
from collections.abc import Mapping
from typing import Final

from intelligence.staff.roles import Role
from tests.harness.console import Browser, added
from tests.intelligence.console.canaries import SAID, UPLOAD_NAME, UPLOADED

FROM_OUTSIDE: Final[Mapping[str, str]] = {
    "organisation": "Canary Organisation",
    "legal_basis": "Canary Legal Basis",
    "last_day": "2066-06-06",
}
LABEL_OF_OWN: Final[Mapping[str, str]] = {
    "name": "Log-in name",
    "display_name": "Name",
    "roles": "Roles",
    "organisation": "Organisation",
    "legal_basis": "Legal basis",
    "expires_at": "Last day of your access",
    "last_log_in_at": "Last log-in",
    "recovery_codes": "Recovery codes left",
}
LABEL_OF_KEY: Final[Mapping[str, str]] = {"id": "Fingerprint", "public": "Public half"}


def add(browsers: Mapping[Role, Browser], name: str, display_name: str, role: Role) -> str:
    confirming = [browsers[Role.APPROVER]] if Role.APPROVER in browsers else []
    said = _described(name, display_name, role)
    return added(browsers[Role.ADMINISTRATOR], confirming, **said)


def add_canary(administrator: Browser, name: str, display_name: str) -> str:
    """Ask for somebody full of canaries, which waits for an approver; return their id."""
    said = _described(name, display_name, Role.AUTHORISED_USER)
    administrator.visit("/staff/new")
    administrator.send("/staff", **said)
    return str(re.findall(r"/staff/([0-9a-f-]{36})", administrator.page.text)[0])


def ask_for_name(administrator: Browser, account_id: str, display_name: str) -> None:
    """Ask for another name of somebody, which waits for an approver."""
    administrator.visit(f"/staff/{account_id}")
    administrator.send(f"/staff/{account_id}/display-name", display_name=display_name)


def _described(name: str, display_name: str, role: Role) -> dict[str, str | list[str]]:
    described: dict[str, str | list[str]] = {"name": name, "display_name": display_name}
    described["roles"] = [role.value]
    return {**described, **FROM_OUTSIDE} if role is Role.AUTHORISED_USER else described


def write_change(curator: Browser) -> tuple[str, str]:
    """Have a curator write a change that is full of canaries; return its id and its selector's."""
    curator.visit("/check")
    curator.send("/check", value="+1 202 555 0143", kind="phone")
    curator.send("/changes", **SAID)
    (selector_id,) = re.findall(r"/selectors/([0-9a-f-]{36})", curator.page.text)
    return curator.page.url.path.rpartition("/")[2], selector_id


def upload_file(curator: Browser) -> str:
    """Have a curator upload a file that is full of canaries; return its id."""
    curator.visit("/imports")
    curator.upload("/imports", UPLOAD_NAME, UPLOADED)
    return curator.page.url.path.rpartition("/")[2]


def main_of(page: str) -> str:
    return "".join(re.findall(r"<main.*?</main>", page, re.DOTALL))
