"""How a notice looks as a mail."""

from dataclasses import dataclass

from django.utils.html import format_html, linebreaks
from django.utils.safestring import mark_safe

MOST_OF_SUBJECT = 150  # characters; a longer one is cut by whoever shows it
_FOOTERS = {
    "en": "You choose what is mailed to you, and when, in your preferences.",
    "vi": "Bạn có thể chọn nội dung và thời gian nhận thư trong phần tùy chọn.",
}
_DEFAULT_LOCALE = "en"


@dataclass(frozen=True)
class Mail:
    """What a person reads, with and without HTML."""

    subject: str
    text: str
    html: str


def mail_for(*, title: str, message: str, address: str, locale: str) -> Mail:
    """Return the mail of a notice; *address* is where it leads, if anywhere.

    A title is text that people wrote: in the subject it becomes one line, in HTML it
    is only text.
    """
    language = locale if locale in _FOOTERS else _DEFAULT_LOCALE
    footer = _FOOTERS[language]
    parts = [title, message, address, f"-- \n{footer}"]
    return Mail(
        subject=" ".join(title.split())[:MOST_OF_SUBJECT],
        text="\n\n".join(part for part in parts if part) + "\n",
        html=format_html(
            '<!doctype html><html lang="{}"><body><h1>{}</h1>{}{}'
            "<p><small>{}</small></p></body></html>",
            language,
            title,
            # Escaped by linebreaks itself, as it is told to.
            mark_safe(linebreaks(message, autoescape=True)),  # noqa: S308 - escaped
            format_html('<p><a href="{}">{}</a></p>', address, address)
            if address
            else "",
            footer,
        ),
    )
