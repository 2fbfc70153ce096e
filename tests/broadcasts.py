"""Broadcasts, as an admin makes and watches them at the gateway."""

from shared.testing.fleet import Fleet

from .asking import ask
from .people import demo_account


class Announcer:
    """The demo admin, signed in."""

    def __init__(self, fleet: Fleet) -> None:
        account = demo_account(fleet, "admin")
        response = ask(
            "POST",
            f"{fleet.gateway_url}/api/v1/auth/login",
            json={"email": account.email, "password": account.password},
        )
        assert response.status_code == 200, response.text
        self._token = response.json()["access_token"]
        self._url = f"{fleet.gateway_url}/api/v1/notifications/broadcasts"

    def broadcast(self, *, title: str, **audience: str) -> str:
        """Order a broadcast; return its id."""
        text = {"type": "system", "title": title, "message": "Please read."}
        order = {**text, **audience}
        response = ask("POST", self._url, json=order, token=self._token)
        assert response.status_code == 202, response.text
        assert response.json()["state"] == "pending"
        return response.json()["id"]

    def look(self, id_: str) -> dict:
        """Return how far a broadcast is."""
        response = ask("GET", f"{self._url}/{id_}", token=self._token)
        assert response.status_code == 200, response.text
        return response.json()

    def is_completed(self, id_: str) -> bool:
        """Say whether everybody was told."""
        return self.look(id_)["state"] == "completed"
