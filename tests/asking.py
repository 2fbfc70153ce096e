"""One HTTP request, without proxies, redirects or cookies, and what must be in a
problem."""

import requests

# Longer than anything may take; a test that means a bound measures it.
PATIENCE_SECONDS = 30
PROBLEM = "application/problem+json"


def ask(
    method: str,
    url: str,
    *,
    json: object = None,
    data: bytes | None = None,
    headers: dict[str, str | bytes] | None = None,
    token: str = "",
) -> requests.Response:
    """Send one request on a connection of its own."""
    headers = dict(headers or {})
    if token:
        headers["Authorization"] = f"Bearer {token}"
    with requests.Session() as session:
        session.trust_env = False
        return session.request(
            method,
            url,
            json=json,
            data=data,
            headers=headers,
            timeout=PATIENCE_SECONDS,
            allow_redirects=False,
        )


def problem_of(response: requests.Response, status: int) -> dict:
    """Return the problem document of an answer that must be one with *status*."""
    assert response.status_code == status, response.text
    assert response.headers["Content-Type"] == PROBLEM
    problem = response.json()
    assert problem["status"] == status
    assert problem.keys() >= {"type", "title", "detail", "code", "trace_id"}
    assert problem["trace_id"] == response.headers["X-Trace-ID"]
    return problem
