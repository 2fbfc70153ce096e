"""Whatever an author writes, the page that shows it stays safe."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_project.catalogue.markdown import render

ALLOWED = {
    *("h1", "h2", "h3", "h4", "h5", "h6", "p", "br", "hr", "a", "em", "strong", "s"),
    *("blockquote", "pre", "code", "ul", "ol", "li"),
    *("table", "thead", "tbody", "tr", "th", "td"),
}


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("# Gist", "<h1>Gist</h1>\n"),
        (
            "*one* **two** ~~three~~",
            "<p><em>one</em> <strong>two</strong> <s>three</s>",
        ),
        ("1. a\n2. b", "<ol>\n<li>a</li>\n<li>b</li>\n</ol>"),
        ("| a |\n|---|\n| b |", "<td>b</td>"),
        ("[link](https://example.org)", 'rel="noopener noreferrer nofollow"'),
    ],
)
def test_markdown_becomes_html(text, html):
    assert html in render(text)


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[x](javascript:alert(1))",
        "[x](data:text/html;base64,AAAA)",
        "![x](https://example.org/pixel.png)",
        "<a href='javascript:alert(1)'>x</a>",
        '[x](https://example.org "\\" onclick=alert(1)")',
        "```<script>\nalert(1)\n```",
    ],
)
def test_nothing_that_runs_or_loads_gets_through(text):
    html = render(text)

    for danger in ("<script", "<img", "<iframe", 'href="javascript', 'href="data'):
        assert danger not in html
    attributes = re.findall(r'<[^>]*? ([a-z]+)="[^"]*"', html)
    assert set(attributes) <= {"href", "title", "rel", "start"}


@given(st.text(max_size=300))
def test_any_text_gives_only_tags_of_the_list(text):
    names = re.findall(r"</?([^\s/>]+)", render(text))

    assert set(names) <= ALLOWED
