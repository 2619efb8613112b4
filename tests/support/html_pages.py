"""Reads a page as a browser would: elements, attributes, text."""

import re
from html.parser import HTMLParser


class Page(HTMLParser):
    """The elements of a page, each with its attributes.

    Parameters
    ----------
    html : str
        The page.
    """

    def __init__(self, html: str) -> None:
        super().__init__()
        self.html = html
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.texts: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag, attrs) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_data(self, data) -> None:
        self.texts.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.texts).split())

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.elements if name == tag]

    def outside_references(self) -> list[str]:
        """Everything that a browser would have to fetch, and addresses of any kind."""
        names = ("src", "href", "xlink:href", "srcset", "poster", "data", "action", "background")
        found = [
            value
            for _, attributes in self.elements
            for name, value in attributes.items()
            if name in names and not value.startswith(("data:", "#"))
        ]
        rest = re.sub(r"data:[\w/+.-]*;base64,[\w+/=\s]*", "", self.html)
        rest = re.sub(r'xmlns(:\w+)?="[^"]*"', "", rest)
        found += re.findall(r"(?:\w+:)?//\S+", rest)
        return found + re.findall(r"@import.*|url\((?!#)[^)]*\)", rest)
