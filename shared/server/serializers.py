"""Serializers for people's doors: no coercion between JSON types, no odd characters."""

import re

from django.db import models
from drf_spectacular.utils import extend_schema_field
from rest_framework import fields, serializers

# U+0085 is a line break, too.
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_CONTROL_IN_TEXT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f]")
WALL_TIME = r"^([01][0-9]|2[0-3]):[0-5][0-9]$"
_MOST = 2**31 - 1  # PostgreSQL's integer; SQLite would take more


class CharField(fields.CharField):
    """One line of text: a JSON string without control characters."""

    default_error_messages = {
        "not_a_string": "This must be a string.",
        "control_character": "Control characters are not allowed.",
    }
    forbidden = _CONTROL

    def to_internal_value(self, data):
        if not isinstance(data, str):
            self.fail("not_a_string")
        if self.forbidden.search(data):
            self.fail("control_character")
        return super().to_internal_value(data)


class TextField(CharField):
    """Text of several lines: tabs and line breaks are allowed."""

    forbidden = _CONTROL_IN_TEXT


class IntegerField(fields.IntegerField):
    """A whole JSON number within PostgreSQL's integer."""

    default_error_messages = {"not_an_integer": "This must be a whole number."}

    def __init__(self, **options):
        options.setdefault("max_value", _MOST)
        options.setdefault("min_value", -_MOST - 1)
        super().__init__(**options)

    def to_internal_value(self, data):
        if type(data) is not int:
            self.fail("not_an_integer")
        return data


class FloatField(fields.FloatField):
    """A JSON number."""

    default_error_messages = {"not_a_number": "This must be a number."}

    def to_internal_value(self, data):
        if type(data) not in (int, float):
            self.fail("not_a_number")
        return super().to_internal_value(data)


class DecimalField(fields.DecimalField):
    """A JSON number with a fixed number of decimals."""

    default_error_messages = {"not_a_number": "This must be a number."}

    def validate_empty_values(self, data):
        if isinstance(data, str):  # DRF takes an empty one for null
            self.fail("not_a_number")
        return super().validate_empty_values(data)

    def to_internal_value(self, data):
        if type(data) not in (int, float):
            self.fail("not_a_number")
        return super().to_internal_value(data)


class BooleanField(fields.BooleanField):
    """JSON true or false."""

    def to_internal_value(self, data):
        if data is None and self.allow_null:
            return None
        if type(data) is not bool:
            self.fail("invalid", input=data)
        return data


class _StringOnly:
    """Refuse anything but a JSON string before the field itself looks at it."""

    default_error_messages = {"not_a_string": "This must be a string."}

    def to_internal_value(self, data):
        if not isinstance(data, str):
            self.fail("not_a_string")
        return super().to_internal_value(data)


class _AsciiOnly(_StringOnly):
    """Refuse digits of other scripts, which the parsers below take for numbers."""

    def to_internal_value(self, data):
        if isinstance(data, str) and not data.isascii():
            self.fail("not_a_string")
        return super().to_internal_value(data)


class UUIDField(_AsciiOnly, fields.UUIDField):
    """A UUID as a string."""


class DateField(_AsciiOnly, fields.DateField):
    """A date, YYYY-MM-DD."""


class DateTimeField(_AsciiOnly, fields.DateTimeField):
    """A time, ISO 8601."""


class TimeField(_AsciiOnly, fields.TimeField):
    """A time of day."""


@extend_schema_field({"type": "string", "pattern": WALL_TIME, "example": "22:00"})
class WallTimeField(_AsciiOnly, fields.TimeField):
    """Hours and minutes of a wall clock, ``22:00``; the zone is said elsewhere."""

    def __init__(self, **options):
        super().__init__(format="%H:%M", input_formats=["%H:%M"], **options)

    def to_internal_value(self, data):
        if isinstance(data, str) and not re.fullmatch(WALL_TIME, data):
            self.fail("invalid", format="hh:mm")
        return super().to_internal_value(data)


class ChoiceField(_StringOnly, fields.ChoiceField):
    """One of a list of strings."""


class EmailField(CharField, fields.EmailField):
    """An e-mail address of at most 254 characters."""

    def __init__(self, **options):
        options.setdefault("max_length", 254)
        super().__init__(**options)


class URLField(CharField, fields.URLField):
    """An http or https address."""


class SlugField(CharField, fields.SlugField):
    """Letters, digits, hyphens, underscores."""


class Serializer(serializers.Serializer):
    """DRF's serializer; use the fields of this module in it."""


class ModelSerializer(serializers.ModelSerializer):
    """DRF's model serializer with the strict fields of this module."""

    serializer_field_mapping = {
        **serializers.ModelSerializer.serializer_field_mapping,
        models.AutoField: IntegerField,
        models.BigAutoField: IntegerField,
        models.BigIntegerField: IntegerField,
        models.BooleanField: BooleanField,
        models.CharField: CharField,
        models.DateField: DateField,
        models.DateTimeField: DateTimeField,
        models.DecimalField: DecimalField,
        models.EmailField: EmailField,
        models.FloatField: FloatField,
        models.IntegerField: IntegerField,
        models.PositiveBigIntegerField: IntegerField,
        models.PositiveIntegerField: IntegerField,
        models.PositiveSmallIntegerField: IntegerField,
        models.SlugField: SlugField,
        models.SmallIntegerField: IntegerField,
        models.TextField: TextField,
        models.TimeField: TimeField,
        models.URLField: URLField,
        models.UUIDField: UUIDField,
    }
    serializer_choice_field = ChoiceField
