"""A page as a flat list of events (element begins, text, element ends), made without recursion.

Hostile pages nest tens of thousands deep: recursion would end the process, and parsers take quadratic time, so the
nesting is estimated first. Scripts, styles, hidden elements and form controls never become events.
"""

from __future__ import annotations

import re

import msgspec
from selectolax.lexbor import LexborHTMLParser, LexborNode

from extractors.document import ReadError
from extractors.formats import limits

SKIPPED = frozenset(
    re.findall(
        r"\S+",
        "script style noscript template head iframe object embed svg canvas select option button textarea input nav "
        "footer aside map audio video dialog",
    )
)
_NESTING = re.compile(
    r"<(/?)(?:div|span|font|b|i|u|em|strong|big|small|table|tbody|tr|td|ul|ol|dl|section|article|center|a|form|h[1-6]|"
    r"blockquote|main|header|fieldset|label|code|nobr|tt|s|strike)(?=[\s/>])",
    re.IGNORECASE,
)
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)


class Event(msgspec.Struct):
    """`tag` is "" for text; `end` is the index of the matching end for a beginning, -1 for an end itself."""

    tag: str
    text: str = ""
    attrs: dict[str, str | None] = {}
    end: int = -1


class Page(msgspec.Struct, kw_only=True):
    """The body's events and what the head says."""

    events: list[Event]
    title: str
    metas: dict[str, str]
    passwords: int  # password fields: the mark of a login page
    links: list[tuple[str, str]]  # (href, text) of links to files
    hidden: int  # characters of hidden elements that never became events


_FILES = re.compile(r"\.(?:docx?|docm|xlsx?|xlsm|pdf|wps|et|ofd|zip|rar|7z|txt|csv|rtf)(?:$|[?#&])", re.IGNORECASE)
_FILE_LABEL = re.compile(
    r"附件\s*[\d一二三四五六七八九十]*\s*[:：.．、]|\.(?:docx?|xlsx?|pdf|wps|et|ofd|zip|rar)\s*$", re.IGNORECASE
)
"""Download scripts have no extension in their address; the label still names the file."""


def parse(text: str, name: str) -> Page:
    """Parses a page. Raises `ReadError("bad_html")` for nesting or size that no page has."""
    depth = deepest = 0
    for match in _NESTING.finditer(text):
        depth += -1 if match.group(1) else 1
        deepest = max(deepest, depth)
        depth = max(depth, 0)
    if deepest > limits.MAX_HTML_DEPTH:
        raise ReadError("bad_html", f"文件“{name}”的网页结构异常（嵌套{deepest}层），无法读取，请另存为txt后报送。")
    tree = LexborHTMLParser(text)
    metas: dict[str, str] = {}
    for node in tree.css("meta"):
        key = node.attributes.get("name") or node.attributes.get("property")
        content = node.attributes.get("content")
        if key and content:
            metas.setdefault(key.strip().lower(), content.strip())
    titles = [n for n in tree.css("title") if n.parent is not None and n.parent.tag == "head"]
    passwords = sum(1 for n in tree.css("input") if (n.attributes.get("type") or "").lower() == "password")
    links = [
        (href, label)
        for node in tree.css("a")
        if (href := (node.attributes.get("href") or "").strip())
        and not href.lower().startswith(("javascript:", "mailto:", "#"))
        and ((label := " ".join(node.text().split())) is not None)
        and (_FILES.search(href) or _FILE_LABEL.search(label))
    ]
    hidden = [0]
    events = _events(tree, name, hidden)
    title = " ".join(titles[0].text().split()) if titles else ""
    return Page(events=events, title=title, metas=metas, passwords=passwords, links=links, hidden=hidden[0])


def _events(tree: LexborHTMLParser, name: str, hidden: list[int]) -> list[Event]:
    root = tree.body or tree.root
    events: list[Event] = []
    if root is None:
        return events
    open_at: list[int] = []
    node: LexborNode = root
    for _ in range(limits.MAX_HTML_NODES):
        if _enter(node, events, hidden):
            open_at.append(len(events) - 1)
            if node.child is not None:
                node = node.child
                continue
            _close(events, open_at)
        while node.next is None or node.mem_id == root.mem_id:
            if node.parent is None or root.mem_id in (node.mem_id, node.parent.mem_id):
                while open_at:
                    _close(events, open_at)
                return events
            node = node.parent
            _close(events, open_at)
        node = node.next
    raise ReadError("bad_html", f"文件“{name}”的网页过于庞大，无法读取，请拆分后重新报送。")


def _enter(node: LexborNode, events: list[Event], hidden: list[int]) -> bool:
    """Records a node; True for an element that now is open. Hidden rows of tables are kept: ledgers hide some."""
    tag = node.tag or "span"  # broken markup makes elements without a name
    if tag == "-text":
        events.append(Event(tag="", text=node.text_content or ""))
        return False
    if tag.startswith(("-", "_", "!")) or tag in SKIPPED:
        return False
    if tag != "tr" and is_hidden(node.attributes, tag):
        hidden[0] += len("".join(node.text().split()))
        return False
    events.append(Event(tag=tag, attrs=node.attributes))
    return True


def _close(events: list[Event], open_at: list[int]) -> None:
    start = open_at.pop()
    events[start].end = len(events)
    events.append(Event(tag="/" + events[start].tag))


def is_hidden(attrs: dict[str, str | None], tag: str) -> bool:
    """True for an element that a browser does not show, by its own attributes."""
    if tag in ("body", "html") or not attrs:
        return False
    return "hidden" in attrs or bool(_HIDDEN.search(attrs.get("style") or ""))
