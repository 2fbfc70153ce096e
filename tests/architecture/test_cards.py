"""The card of a service names the events and callers that the contracts declare."""

import ast
import re

import pytest

from tests.architecture.source_tree import ROOT, SERVICES, parse

CONTRACTS = ROOT / "shared" / "contracts"
EVENT_TYPE = re.compile(r"`([a-z_]+\.[a-z_]+\.v\d+)`")


def declared_events():
    """Return (type, publisher, subscribers) of each @event in events.py."""
    tree = parse(CONTRACTS / "events.py")
    sets = {
        node.targets[0].id: ast.literal_eval(node.value)
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Set)
    }
    found = []
    for node in tree.body:
        for decorator in getattr(node, "decorator_list", []):
            if getattr(getattr(decorator, "func", None), "id", "") != "event":
                continue
            about = {keyword.arg: keyword.value for keyword in decorator.keywords}
            listeners = about["subscribers"]
            subscribers = (
                sets[listeners.id]
                if isinstance(listeners, ast.Name)
                else ast.literal_eval(listeners)
            )
            publisher = ast.literal_eval(about["publisher"])
            found.append(
                (ast.literal_eval(decorator.args[0]), publisher, set(subscribers))
            )
    return found


def section(service, heading):
    """Return the text under a heading of a service's card."""
    text = (ROOT / service / "README.md").read_text()
    return text.split(f"## {heading}\n")[1].split("\n## ")[0]


@pytest.mark.parametrize("service", SERVICES)
def test_a_card_names_what_its_service_publishes(service):
    name = service.removesuffix("_project")
    declared = {type_ for type_, publisher, _ in declared_events() if publisher == name}

    assert set(EVENT_TYPE.findall(section(service, "Publishes"))) == declared
    assert declared or "Nothing" in section(service, "Publishes")


@pytest.mark.parametrize("service", SERVICES)
def test_a_card_names_what_its_service_consumes(service):
    name = service.removesuffix("_project")
    declared = {type_ for type_, _, listeners in declared_events() if name in listeners}

    assert set(EVENT_TYPE.findall(section(service, "Consumes"))) == declared
    assert declared or "Nothing" in section(service, "Consumes")


@pytest.mark.parametrize("service", SERVICES)
def test_a_card_names_every_internal_endpoint_of_its_service(service):
    name = service.removesuffix("_project")
    module = CONTRACTS / f"{name}.py"
    templates = (
        [
            node.args[0].value
            for node in ast.walk(parse(module))
            if isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in ("get", "post", "put", "patch", "delete")
            and node.args
            and isinstance(node.args[0], ast.Constant)
        ]
        if module.exists()
        else []
    )
    text = section(service, "Internal API")

    assert [template for template in templates if template not in text] == []


def test_there_are_events_to_look_at():
    assert len(declared_events()) >= 5
