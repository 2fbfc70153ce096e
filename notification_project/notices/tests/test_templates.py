"""The texts of notices, as pure data."""

import pytest

from notification_project.notices.templates import TEMPLATES, render_text


@pytest.mark.parametrize("key", TEMPLATES)
def test_every_template_speaks_every_language_with_the_same_parameters(key):
    texts = TEMPLATES[key].texts
    filled = {name: f"<{name}>" for name in TEMPLATES[key].parameters}

    rendered = {
        locale: render_text(key=key, params=filled, locale=locale) for locale in texts
    }

    assert set(texts) == {"en", "vi"}
    for text in rendered.values():
        assert text.title
        assert text.message
        assert all(f"<{name}>" in text.title + text.message for name in filled)


@pytest.mark.parametrize(
    ("locale", "params", "beginning"),
    [
        ("en", {"name": "Ana"}, "Hello Ana,"),
        ("vi", {"name": "Ana"}, "Xin chào Ana,"),
        ("fr", {"name": "Ana"}, "Hello Ana,"),
        ("en", {"name": " "}, "Hello there,"),
        ("vi", {}, "Xin chào bạn,"),
    ],
)
def test_a_welcome_is_made_from_language_and_name(locale, params, beginning):
    text = render_text(key="welcome", params=params, locale=locale)

    assert text.message.startswith(beginning)


def test_braces_in_a_parameter_are_only_text():
    text = render_text(key="welcome", params={"name": "{0.__class__}"}, locale="en")

    assert text.message.startswith("Hello {0.__class__},")


def test_a_template_of_a_newer_release_stands_for_itself():
    text = render_text(key="moon_landing", params={}, locale="en")

    assert (text.title, text.message) == ("moon_landing", "")
