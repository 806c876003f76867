"""Reads a page the way a person does: rows of tables, and the text of an element."""

from __future__ import annotations

import html
import re
from html.parser import HTMLParser


class _Rows(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.cell: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            self.cell = []
        elif tag == "br" and self.cell is not None:
            self.cell.append(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th") and self.cell is not None:
            self.rows[-1].append(" ".join("".join(self.cell).split()))
            self.cell = None

    def handle_data(self, data: str) -> None:
        if self.cell is not None:
            self.cell.append(data)


def rows(page: str, caption: str) -> list[list[str]]:
    """The body rows of the table whose caption begins so; every cell as text."""
    for table in re.findall(r"<table.*?</table>", page, re.S):
        if re.search(rf"<caption[^>]*>{re.escape(caption)}", table):
            reader = _Rows()
            reader.feed(table)
            return reader.rows[1:]
    raise AssertionError(f"no table captioned {caption!r}")


def text(page: str) -> str:
    """The whole page as text, spaces put together."""
    bare = re.sub(r"<(script|style).*?</\1>|<[^>]+>", " ", page, flags=re.S)
    return " ".join(html.unescape(bare).split())
