"""The detail of a CDS Hooks card (GitHub-flavoured Markdown) as safe HTML: paragraphs, lists, bold, links.

Everything is escaped before anything is marked up, and only https links become links. Single stars
emphasise a whole
paragraph and nothing less, because `*2/*2` is a diplotype.
"""

from __future__ import annotations

import re

from markupsafe import Markup, escape

_BOLD = re.compile(r"\*\*(.+?)\*\*")
_EMPHASIS = re.compile(r"\*(?!\*)(.+[^*])\*")
_LINK = re.compile(r"\[([^\]]+)\]\((https://[^\s)\"'<>]+)\)")
_ITEM = re.compile(r"^\s*[-*]\s+")
_HEADING = re.compile(r"^#{1,6}\s+(.*)$")


def prose(text: str) -> Markup:
    """The HTML of a card's detail; an empty text gives nothing."""
    return Markup("").join(_block(block) for block in re.split(r"\n\s*\n", text.strip()) if block.strip())


def _block(block: str) -> Markup:
    """One paragraph, or a paragraph and the list that follows it."""
    html, items, words = Markup(""), Markup(""), list[str]()
    for line in block.splitlines():
        if _ITEM.match(line):
            items += Markup("<li>{}</li>").format(_inline(_ITEM.sub("", line)))
        else:
            words.append(_HEADING.sub(r"**\1**", line.strip()))
    if words:
        html += Markup("<p>{}</p>").format(_inline(" ".join(words)))
    return html + Markup("<ul>{}</ul>").format(items) if items else html


def _inline(text: str) -> Markup:
    safe = str(escape(text.replace("\\*", "\x00")))
    safe = _LINK.sub(r'<a href="\2" rel="noopener noreferrer">\1</a>', safe)
    safe = _BOLD.sub(r"<strong>\1</strong>", safe)
    whole = _EMPHASIS.fullmatch(safe)
    safe = f"<em>{whole[1]}</em>" if whole else safe
    return Markup(safe.replace("\x00", "*"))  # noqa: S704  every part was escaped above
