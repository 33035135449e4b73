"""Refusals as the contract has them: a problem, with our headers."""

from typing import Any

import httpx


def require_problem(response: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """Return the problem; fail where it is another one, or not in the form of the contract."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["x-request-id"]
    problem: dict[str, Any] = response.json()
    assert (problem["status"], problem["code"]) == (status, code)
    assert problem["type"] == f"urn:screening:problem:{code}"
    assert problem["title"]
    return problem
