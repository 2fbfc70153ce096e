"""What services build their admin pages from, and the order of the menu."""

from django.contrib import admin
from django.http import HttpRequest

from shared.operators.pages import ModelAdmin, ReadOnlyModelAdmin
from shared.outbox.desk import dead_letters_link

__all__ = ["ModelAdmin", "ReadOnlyModelAdmin", "sidebar"]

COMMUNICATION = {
    "outbox.outboxmessage": ("Messages", "outbox"),
    "outbox.destination": ("Destinations", "alt_route"),
    "outbox.lane": ("Lanes", "view_week"),
    "inbox.inboxrecord": ("Inbox", "inbox"),
    "peers.peerservice": ("Peers", "hub"),
}
ACCESS = {
    "peers.internalapikey": ("Internal keys", "key"),
    "server.revocation": ("Revocations", "block"),
    "staff.staffuser": ("People", "group"),
    "server.erasedperson": ("Erased people", "person_off"),
}


def sidebar(request: HttpRequest) -> list[dict[str, object]]:
    """Return the menu: communication, access, then the service's own apps.

    It holds what this person may see.
    """
    apps = admin.site.get_app_list(request)
    models = {
        model["model"]._meta.label_lower: model
        for app in apps
        for model in app["models"]
    }
    known = {**COMMUNICATION, **ACCESS}
    communication = _items(models, COMMUNICATION)
    if "outbox.outboxmessage" in models:
        # Two entries lead to one list; the filter says which of them is open.
        letters, messages = dead_letters_link(), communication[0]
        is_here = request.path == messages["link"]
        letters["active"] = is_here and request.GET.get("state__exact") == "dead"
        messages["active"] = (
            request.path.startswith(messages["link"]) and not letters["active"]
        )
        communication.insert(0, letters)
    groups = [
        _group("Communication", communication),
        _group("Access", _items(models, ACCESS)),
    ]
    for app in apps:
        own = {
            label: (model["name"], "table_rows")
            for label, model in models.items()
            if model in app["models"] and label not in known
        }
        groups.append(_group(app["name"], _items(models, own)))
    return [group for group in groups if group["items"]]


def _group(title: str, items: list[dict[str, object]]) -> dict[str, object]:
    return {"title": title, "separator": True, "collapsible": False, "items": items}


def _items(
    models: dict[str, dict], wanted: dict[str, tuple[str, str]]
) -> list[dict[str, object]]:
    return [
        {"title": title, "icon": icon, "link": models[label]["admin_url"]}
        for label, (title, icon) in wanted.items()
        if label in models and models[label]["admin_url"]
    ]
