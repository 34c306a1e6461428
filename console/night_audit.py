"""The night's audit page for the console: the file that the night wrote, taken apart and put together again.

Only the tags that such a page is made of come through, without attributes but `class` names, and its texts go through
the reader's mask; so the page fits into the console's own frame and style sheet, under the console's own policy.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

from markupsafe import Markup, escape

from console.masking import Masker

_KEPT = frozenset({"h2", "p", "table", "tr", "th", "td", "details", "summary"})
_LEFT_OUT = frozenset({"style", "script", "title", "h1"})
_CLASSES = {"n": "num", "about": "quiet"}
"""The page's own class names that the console's style sheet knows by another; severities become tags."""
_SEVERITIES = frozenset({"block", "quarantine", "warn", "note"})
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def days(home: Path) -> list[str]:
    """The nights whose pages are kept, the last first."""
    folder = home / "audit"
    if not folder.is_dir():
        return []
    return sorted((p.stem for p in folder.glob("*.html") if _DAY.fullmatch(p.stem)), reverse=True)


def body(home: Path, day: str, masker: Masker) -> Markup | None:
    """What the page of a night says, safe to be put into a page of ours; None where there is no such night."""
    path = home / "audit" / f"{day}.html"
    if not _DAY.fullmatch(day) or not path.is_file():
        return None
    taken = _Taken(masker)
    taken.feed(path.read_text(encoding="utf-8"))
    taken.close()
    return Markup("".join(taken.parts))  # noqa: S704 - each part is a tag of our list or escaped


class _Taken(HTMLParser):
    """Reads the page and keeps what may be shown; a table scrolls by itself on a narrow screen."""

    def __init__(self, masker: Masker) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._masker = masker
        self._silent = 0
        self._tag: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open a tag of the list, its class in the console's words."""
        if tag in _LEFT_OUT:
            self._silent += 1
        if tag not in _KEPT or self._silent:
            return
        names = [str(v) for k, v in attrs if k == "class" and v]
        name = names[0] if names else ""
        if tag == "table":
            self.parts.append('<div class="scroll">')
        shown = _CLASSES.get(name)
        self.parts.append(f'<{tag} class="{shown}">' if shown else f"<{tag}>")
        if tag == "td":
            self._tag.append(name if name in _SEVERITIES else "")
            if self._tag[-1]:
                self.parts.append(f'<span class="tag {name}">')

    def handle_endtag(self, tag: str) -> None:
        """Close what was opened."""
        if tag in _LEFT_OUT:
            self._silent = max(0, self._silent - 1)
        if tag not in _KEPT or self._silent:
            return
        if tag == "td" and self._tag and self._tag.pop():
            self.parts.append("</span>")
        self.parts.append(f"</{tag}>")
        if tag == "table":
            self.parts.append("</div>")

    def handle_data(self, data: str) -> None:
        """A text, masked."""
        if not self._silent:
            self.parts.append(str(escape(self._masker.text(data))))
