"""A notice as a mail, as pure data."""

import pytest

from notification_project.delivery.mails import mail_for


def mail(**fields):
    values = {"title": "Hi", "message": "", "address": "", "locale": "en"}
    return mail_for(**{**values, **fields})


def test_a_mail_says_the_same_with_and_without_html():
    made = mail(message="One\n\nTwo", address="https://example.org/a?b=1&c=2")

    assert made.subject == "Hi"
    assert made.text.startswith("Hi\n\nOne\n\nTwo\n\nhttps://example.org/a?b=1&c=2\n\n")
    assert "<h1>Hi</h1><p>One</p>\n\n<p>Two</p>" in made.html
    assert '<a href="https://example.org/a?b=1&amp;c=2">' in made.html


def test_what_people_wrote_is_only_text():
    nasty = '<script>alert("1")</script>'

    made = mail(title=nasty, message=nasty, address=f"https://x/{nasty}")

    assert "<script>" not in made.html
    assert nasty in made.text


@pytest.mark.parametrize("break_", ["\n", "\r\n", "\r", "\u2028", "\x85", "\x0b"])
def test_a_title_of_several_lines_is_one_subject(break_):
    made = mail(title=f"Hi{break_}Bcc: all@example.org{break_}")

    assert made.subject == "Hi Bcc: all@example.org"


def test_a_long_title_is_cut_in_the_subject_only():
    made = mail(title="x" * 500)

    assert made.subject == "x" * 150
    assert "x" * 500 in made.text


@pytest.mark.parametrize(
    ("locale", "word"),
    [("en", "preferences"), ("vi", "tùy chọn"), ("fr", "preference")],
)
def test_the_end_is_in_the_readers_language(locale, word):
    assert word in mail(locale=locale).text
