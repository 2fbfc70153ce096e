"""Which columns of a service may hold a person, and which an erasure asks for."""

from collections.abc import Iterable

from django.apps import apps
from django.conf import settings
from django.db import models

# Ids of things. Every other id in a column of its own may be a person's.
NO_PEOPLE = {
    "id",
    "key",
    "course_id",
    "lesson_id",
    "module_id",
    "resource_id",
    "session_id",
}


def columns_not_asked(statements: Iterable[str]) -> list[str]:
    """Return the columns that may hold a person, and that no statement selects by.

    *statements* are what an erasure runs: one that asks for nobody's rows of a table
    would leave somebody's there.
    """
    conditions = [statement.partition(" WHERE ")[2] for statement in statements]
    return [
        f"{field.model._meta.label}.{field.name}"
        for field in _columns_of_people()
        if not any(_name(field) in condition for condition in conditions)
    ]


def _columns_of_people() -> list[models.UUIDField]:
    return [
        field
        for model in apps.get_models()
        if model.__module__.startswith(f"{settings.SERVICE}_project.")
        for field in model._meta.concrete_fields
        if isinstance(field, models.UUIDField) and field.name not in NO_PEOPLE
    ]


def _name(field: models.UUIDField) -> str:
    return f'"{field.model._meta.db_table}"."{field.column}"'
