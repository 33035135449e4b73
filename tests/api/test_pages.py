"""What needs no key: health, documentation, description; and the parameters, which need one."""

import re
from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest

from screening.vocabulary.normalise import PHONE_METADATA_VERSION
from tests.api.standing import LISTED, Standing
from tests.harness.processes import eventually

OUTSIDE = re.compile(r"""(?:https?:)?//[^\s"']+""")


class References(HTMLParser):
    """Collects what a page loads by itself."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [
            value for name, value in attrs if name in ("src", "href", "action") and value
        ]


@pytest.mark.parametrize("path", ["/livez", "/readyz"])
def test_health_is_told_without_a_key(standing: Standing, path: str) -> None:
    response = standing.client.get(path)
    assert (response.status_code, response.json()) == (200, {"status": "ok"})
    assert response.headers["cache-control"] == "no-store"


def test_the_documentation_loads_without_any_other_host(standing: Standing) -> None:
    page = standing.client.get("/docs")
    assert page.status_code == 200
    assert page.headers["content-type"].startswith("text/html")
    assert not OUTSIDE.search(page.text)

    references = References()
    references.feed(page.text)
    local = [reference for reference in references.found if not reference.startswith("data:")]
    assert len(local) >= 3
    loaded = {path: standing.client.get(path) for path in local}
    for path, response in loaded.items():
        assert path.startswith("/docs/")
        assert response.status_code == 200
        kind = "text/css" if path.endswith(".css") else "text/javascript"
        assert response.headers["content-type"].startswith(kind)
        assert response.headers["x-content-type-options"] == "nosniff"

    start = loaded["/docs/start.js"].text
    assert not OUTSIDE.search(start)
    assert '"/openapi.json"' in start
    assert "validatorUrl: null" in start, "else the page asks a validator elsewhere"
    assert any("SwaggerUIBundle" in response.text for response in loaded.values())
    styles = "".join(text.text for path, text in loaded.items() if path.endswith(".css"))
    assert set(re.findall(r"url\(\s*['\"]?(\w+:|/|\w)", styles)) <= {"data:"}


def test_a_browser_is_told_to_load_nothing_from_elsewhere(standing: Standing) -> None:
    policy = standing.client.get("/docs").headers["content-security-policy"]
    directives = dict(part.strip().partition(" ")[::2] for part in policy.split(";"))
    assert directives["default-src"] == "'none'"
    assert directives["script-src"] == directives["style-src"] == "'self'"
    assert directives["frame-ancestors"] == "'none'"
    assert not OUTSIDE.search(policy)
    assert "unsafe" not in policy


def test_the_description_is_served_without_a_key(standing: Standing) -> None:
    response = standing.client.get("/openapi.json")
    assert response.status_code == 200
    assert response.headers["content-type"].startswith("application/json")
    assert response.json()["openapi"].startswith("3.1.")


def test_there_are_no_metrics_on_the_port_of_the_api(standing: Standing) -> None:
    assert standing.client.get("/metrics").status_code == 404
    assert standing.client.get(standing.api.metrics_url).status_code == 200


def test_parameters_tell_a_client_what_it_must_agree_with(standing: Standing) -> None:
    partner = standing.checker
    asked = standing.post("check", partner.body(LISTED[0]), partner).json()
    response = standing.client.get("/v1/parameters", headers=partner.headers)
    assert response.status_code == 200
    told = response.json()
    assert told["protocol"] == "screening/v1"
    assert told["normaliser"] == 1
    assert told["phone_metadata"] == PHONE_METADATA_VERSION
    assert (told["partner"], told["scopes"]) == ("checker", ["check"])
    (key,) = told["token_keys"]
    stretch = {"algorithm": "argon2id", "version": 19, "iterations": 1, "memory_kib": 1_024}
    assert key["key_id"] == partner.kit.token_key.key_id
    assert key["stretch"] == stretch | {"lanes": 1}
    assert key["list"] | {"as_of": ""} == asked["list"] | {"as_of": ""}
    assert 0 <= key["sync_age_s"] <= 10
    published_at = datetime.fromisoformat(key["list"]["published_at"])
    assert 0 <= key["list_age_s"] <= (datetime.now(UTC) - published_at).total_seconds()


def test_parameters_tell_the_limits_and_what_is_left_of_them(standing: Standing) -> None:
    def limits() -> dict[str, int]:
        response = standing.client.get("/v1/parameters", headers=standing.checker.headers)
        told: dict[str, int] = response.json()["limits"]
        return told

    before = limits()
    assert before["check_max_selectors"] == 16
    assert before["bulk_max_selectors"] == 10_000
    assert before["selectors_per_second"] == 20_000
    assert before["daily_selectors"] == 5_000_000
    assert before["matches_per_30_days"] == 1_000
    fresh = [("email", f"person-{number}@pages.example") for number in range(3)]
    for _ in range(3):  # the same again costs nothing
        standing.post("check", standing.checker.body(*fresh), standing.checker)

    def spent() -> int:
        return before["daily_selectors_remaining"] - limits()["daily_selectors_remaining"]

    eventually(lambda: spent() >= len(fresh), what="a count by all workers")


def test_parameters_are_each_partners_own_and_hold_no_secret(standing: Standing) -> None:
    for partner in (standing.checker, standing.tester):
        text = standing.client.get("/v1/parameters", headers=partner.headers).text
        for other in (standing.checker, standing.bulker, standing.tester):
            assert (other.kit.partner in text) == (other is partner)
        raw = partner.kit_path.read_text()
        for secret in re.findall(r'"(?:secret|salt|api_key)": "([^"]+)"', raw):
            assert secret not in text
        assert partner.body()["key_check"] not in text
