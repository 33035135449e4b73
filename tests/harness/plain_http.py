"""Requests to servers of tests that speak plain HTTP, for which no certificate is read.

httpx reads all that it trusts anew for each client, and its functions make a client for each
request: some 30 ms of a core, hundreds of times where a test waits for a server.
"""

import ssl
from functools import partial
from typing import Any, Final

import httpx

_TRUSTS_NOBODY: Final = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)

get = partial(httpx.get, verify=_TRUSTS_NOBODY)
post = partial(httpx.post, verify=_TRUSTS_NOBODY)
request = partial(httpx.request, verify=_TRUSTS_NOBODY)


def client(**options: Any) -> httpx.Client:
    return httpx.Client(verify=_TRUSTS_NOBODY, **options)
