"""The documentation page: Swagger UI from an installed package, so that it works without a CDN."""

from pathlib import Path
from typing import Final

import litestar_offline_docs
from litestar import get
from litestar.datastructures import ResponseHeader
from litestar.handlers import HTTPRouteHandler

from screening.api.openapi import encode_openapi

_ASSETS: Final = Path(litestar_offline_docs.__file__).parent / "static"
_PAGE: Final = b"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Screening API</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/docs/assets/swagger-ui.css">
</head>
<body>
<div id="page"></div>
<script src="/docs/assets/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
"""
# In a file of its own, so that the content security policy needs no inline script.
# Without `validatorUrl: null` the page would ask a validator elsewhere for a badge.
_START: Final = b"""SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#page",
  deepLinking: true,
  validatorUrl: null,
});
"""


# Wider than what all other answers have by what this page needs: its own files, the icons in its
# style sheet, and questions to this API. No inline script or style, and no code out of strings.
_POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
_BROWSER_HEADERS: Final = (
    ResponseHeader(name="content-security-policy", value=_POLICY),
    # Nobody's window holds this one, in which an API key may be typed in.
    ResponseHeader(name="cross-origin-opener-policy", value="same-origin"),
)


@get("/docs", media_type="text/html", response_headers=_BROWSER_HEADERS, sync_to_thread=False)
def docs_page() -> bytes:
    """Show the documentation page."""
    return _PAGE


@get("/docs/start.js", media_type="text/javascript", sync_to_thread=False)
def docs_start() -> bytes:
    """Start the documentation page."""
    return _START


def docs_routes() -> list[HTTPRouteHandler]:
    """Return the routes of documentation and description; none needs a key."""
    document = encode_openapi()

    @get("/openapi.json", media_type="application/json", sync_to_thread=False)
    def openapi() -> bytes:
        return document

    return [
        docs_page,
        docs_start,
        openapi,
        _asset("swagger-ui.css", "text/css"),
        _asset("swagger-ui-bundle.js", "text/javascript"),
    ]


def _asset(name: str, media_type: str) -> HTTPRouteHandler:
    # By name and from memory: a route that looks up files answers a path with a NUL byte, or one
    # that is too long for a file name, with 500.
    content = (_ASSETS / name).read_bytes()

    @get(f"/docs/assets/{name}", media_type=media_type, sync_to_thread=False)
    def asset() -> bytes:
        return content

    return asset
