"""What is wrong on the host is told to whoever runs it, and not to those who see the pages."""

import logging
from types import SimpleNamespace
from typing import Any, cast

import pytest
from litestar import Request

from intelligence.console.forms import Form
from intelligence.console.problems import handlers
from intelligence.console.rendering import Rendering
from intelligence.console.visits import Tickets
from intelligence.errors import Undecipherable
from intelligence.journal import Journal
from screening.vocabulary.errors import OperatorError, SpoolRefused


@pytest.mark.parametrize("kind", [OperatorError, Undecipherable, SpoolRefused])
def test_what_an_operator_has_to_mend_stands_in_the_log(
    kind: type[OperatorError | SpoolRefused], caplog: pytest.LogCaptureFixture
) -> None:
    rendering = Rendering(Tickets(is_https=False))
    found = handlers(rendering, cast("Journal", None))
    handler = next(found[one] for one in kind.__mro__ if one in found)
    is_of_spools = issubclass(kind, SpoolRefused)
    said = ("malformed", "a key is damaged") if is_of_spools else ("a key is damaged",)
    error = kind(*said)
    sent = Form([("reason", "a long one"), ("password", "canary")])
    request = SimpleNamespace(state=SimpleNamespace(sent=sent))
    with caplog.at_level(logging.ERROR):
        page = handler(cast("Request[Any, Any, Any]", request), error)
    assert page.status_code == 503
    assert "<dd>a long one</dd>" in page.content
    assert "canary" not in page.content
    assert "a key is damaged" not in str(page.content)
    assert "a key is damaged" in caplog.text
