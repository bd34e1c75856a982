"""People's Markdown: shown, and harmless whatever it holds."""

from html.parser import HTMLParser

import pytest

from hpweb.markdown import TAGS, to_html


def test_what_people_write_is_shown() -> None:
    html = to_html("# Odd\n**bold** `x<y` ~~no~~\n\n- [docs](https://example.org/a?b=1)\n\n|a|b|\n|-|-|\n|1|2|")
    assert "<h1>Odd</h1>" in html
    assert "<strong>bold</strong> <code>x&lt;y</code> <s>no</s>" in html
    assert '<a href="https://example.org/a?b=1" rel="noopener noreferrer nofollow">docs</a>' in html
    assert "<td>2</td>" in html


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt&#58;alert(1))",
        "![x](https://example.org/pixel.png)",
        '<a href="#" onclick="alert(1)">x</a>',
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
        '[x](https://example.org "a" onmouseover="alert(1)")',
        "<style>*{display:none}</style>",
    ],
)
def test_nothing_in_it_acts(text: str) -> None:
    found = Found()
    found.feed(to_html(text))
    for tag, attributes in found.tags:
        assert tag in TAGS
        assert set(attributes) <= {"href", "title", "rel"}
        assert (attributes.get("href") or "https://").startswith("https://")


class Found(HTMLParser):
    """What a browser would see: tags and their attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
