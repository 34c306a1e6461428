"""Which part of a page is the document: the smallest container that holds nearly all running text.

Running text is text with sentence punctuation outside links, and the cells of data tables; menus and link lists
have neither. What stays outside is counted, so that the reader can say so.
"""

from __future__ import annotations

import re

from extractors.formats.html_furniture import is_furniture
from extractors.formats.html_tree import Event

_SENTENCE = re.compile(r"[，。；：、！？《》（）]|[,.;:]\s")
_FOOT = re.compile(r"版权所有|ICP备|公网安备|网站标识码|技术支持|主办单位|联系我们|建议使用")
_CONTAINERS = frozenset(
    re.findall(r"\S+", "body div section article main td center form span font blockquote header table tbody tr")
)
_KEEP = 0.85  # share of a container's running text that its child must hold to replace it
_KEEP_ALL = 0.7  # share of the whole page's running text that must stay


def is_data_table(events: list[Event], at: int) -> bool:
    """True for a table of data; tables that lay out a page (nested ones, one column, long prose) are not."""
    rows = columns = cells = longest = 0
    width = length = 0
    for i in range(at + 1, events[at].end):
        event = events[i]
        if event.tag == "table":
            return False
        if event.tag == "tr":
            rows, width = rows + 1, 0
        elif event.tag in ("td", "th"):
            cells, length = cells + 1, 0
            span = event.attrs.get("colspan") or "1"
            width += int(span) if span.isdigit() and len(span) < 4 else 1
            columns = max(columns, width)
        elif not event.tag:
            length += len(event.text.strip())
            longest = max(longest, length)
    return rows >= 2 and columns >= 2 and cells >= 3 and (longest <= 600 or cells >= 12)


def main_range(events: list[Event]) -> tuple[int, int]:
    """The events [start, end) of the container that holds the document; the whole body when nothing stands out."""
    if not events:
        return 0, 0
    scores = _scores(events)
    at = 0
    whole = scores.get(0, 0.0)
    if whole <= 0:
        return 0, len(events)
    while True:
        if events[at].tag == "table" and is_data_table(events, at):
            break
        best, best_score = -1, 0.0
        i = at + 1
        while i < events[at].end:
            event = events[i]
            if event.tag and not event.tag.startswith("/"):
                if scores[i] > best_score:
                    best, best_score = i, scores[i]
                i = event.end
            i += 1
        if best < 0 or events[best].tag not in _CONTAINERS:
            break
        if best_score < _KEEP * scores[at] or best_score < _KEEP_ALL * whole:
            break
        if events[best].tag == "table" and is_data_table(events, best):
            break
        if events[best].tag in ("span", "font") and not _has_blocks(events, best):
            break
        at = best
    # a container of a page's layout (row, cell) is read from its own beginning
    return at, events[at].end + 1


def _has_blocks(events: list[Event], at: int) -> bool:
    return any(events[i].tag in ("p", "div", "table") for i in range(at + 1, events[at].end))


def _scores(events: list[Event]) -> dict[int, float]:
    """Running text of each element, by the index of its beginning."""
    scores: dict[int, float] = {}
    stack: list[int] = []
    links = 0
    table_end = -1
    for i, event in enumerate(events):
        if not event.tag:
            text = event.text.strip()
            if text and stack and not links:
                scores[stack[-1]] += _weight(text, i < table_end) * len(text)
        elif event.tag.startswith("/"):
            start = stack.pop()
            links -= event.tag == "/a"
            if stack:
                scores[stack[-1]] += scores[start]
        else:
            stack.append(i)
            scores[i] = 0.0
            links += event.tag == "a"
            if event.tag == "table" and i > table_end and is_data_table(events, i):
                table_end = event.end
    return scores


def _weight(text: str, in_table: bool) -> float:
    """How much a stretch of text speaks for its container: sentences and table cells fully, labels hardly."""
    if is_furniture(text) or _FOOT.search(text):
        return 0.0
    return 1.0 if in_table or _SENTENCE.search(text) else 0.2
