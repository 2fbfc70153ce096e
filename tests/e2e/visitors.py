"""Somebody with a browser's cookies at the admins of the services."""

import html
import re
from contextlib import closing

import requests

from shared.testing.fleet import Fleet
from tests.asking import PATIENCE_SECONDS

_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
_LINK = re.compile(r'href="([^"]+)"')


class Visitor:
    """One browser: cookies are kept, redirects are followed, forms are filled in."""

    def __init__(self, fleet: Fleet) -> None:
        self._fleet = fleet
        self._session = requests.Session()
        self._session.trust_env = False

    def close(self) -> None:
        self._session.close()

    def get(self, service: str, path: str) -> requests.Response:
        """Open a page of *service*."""
        url = self._fleet.url(service) + path
        return self._session.get(url, timeout=PATIENCE_SECONDS)

    def post(self, service: str, path: str, **fields: object) -> requests.Response:
        """Send the form at *path*, as it stands there, with these fields."""
        page = self.get(service, path)
        token = _TOKEN.search(page.text)
        assert token, f"{path} of {service} has no form: {page.status_code}"
        url = self._fleet.url(service) + path
        return self._session.post(
            url,
            data={"csrfmiddlewaretoken": token[1], **fields},
            headers={"Referer": url},
            timeout=PATIENCE_SECONDS,
        )

    def sign_in(self, service: str, email: str, password: str) -> requests.Response:
        """Sign in to the admin of *service*; return the page that follows."""
        path = "/admin/login/?next=/admin/"
        return self.post(service, path, username=email, password=password)


def visitor(fleet: Fleet) -> "closing[Visitor]":
    """Give a browser without cookies; it is closed at the end of the block."""
    return closing(Visitor(fleet))


def links(page: str) -> list[str]:
    """Return where the links of a page lead, each once, in their order."""
    found = (html.unescape(link) for link in _LINK.findall(page))
    return list(dict.fromkeys(found))
