"""Web pages, chiefly of government sites: main text, title, publication date, tables with spans; furniture left out.

Also MHT archives and pages that wear another extension (.doc and .xls written by web systems are often HTML).
`paragraph` anchors count the lines read, from 1; cells are `r7c6` of their table.
"""

from __future__ import annotations

import email
import email.policy
import re

import msgspec

from extractors.document import Anchor, Cell, Document, Link, ReadError, Table
from extractors.formats import html_tree
from extractors.formats.draft import Draft
from extractors.formats.encodings import decode
from extractors.formats.grid import Raw, lay_out
from extractors.formats.html_furniture import is_furniture, published, refuse_no_document
from extractors.formats.html_main import is_data_table, main_range
from extractors.formats.html_tree import Event, Page
from extractors.formats.sniff import Sniffed

_CHARSET = re.compile(rb"charset\s*=\s*[\"']?\s*([\w-]+)", re.IGNORECASE)
_BLOCKS = frozenset(
    re.findall(
        r"\S+",
        "address article blockquote body center dd details div dl dt fieldset figcaption figure form h1 h2 h3 h4 h5 h6 "
        "header hr legend li main ol p pre section summary table tbody td tfoot th thead tr ul caption",
    )
)
_SPACE = re.compile(r"[ \t\r\n\f\v\u00a0\u200b\ufeff]+")
_DOCUMENT_TITLE = re.compile(
    r"关于|通知|通报|公告|公示|意见|办法|方案|报告|批复|[的之]函|决定|条例|规定|情况|台账|清单|细则"
)
_SITE = re.compile(r"\s*(?:[_|｜]|--+|——|\s[-–]\s|-(?=[^-]*(?:政府|网|门户|局|委|厅|办)[^-]*$)).*$")

Piece = tuple[str, str | Table]
"""(kind, a line's text) or ("table", table)."""


def read(data: bytes, name: str, sniffed: Sniffed) -> Document:
    """Reads a page. Raises `ReadError` (`login_page`, `error_page`, `bad_html`, `unknown_encoding`)."""
    if sniffed.detail == "mht":
        data_of_page, label = _from_mht(data, name)
    else:
        data_of_page, label = data, None
    if label is None:
        match = _CHARSET.search(data_of_page[:4_096])
        label = match.group(1).decode("ascii", "replace") if match else None
    decoded = decode(data_of_page, name, label=label)
    page = html_tree.parse(decoded.text, name)
    start, end = main_range(page.events)
    pieces = _Render(page.events).pieces(start, end)
    everything = [t for k, t in _Render(page.events).pieces(0, len(page.events)) if isinstance(t, str)]
    if start == 0:
        everything = [t for _, t in pieces if isinstance(t, str)]
    whole = "\n".join(everything)
    if not any(isinstance(v, Table) for _, v in pieces):
        refuse_no_document(page, whole, name)

    draft = Draft(data, name, "html")
    draft.notices.extend(decoded.notices)
    dropped = _write(draft, page, pieces, everything)
    _remarks(draft, page, dropped, everything)
    text = "".join(draft._parts)
    return draft.finish(
        links=_links(page, text),
        encoding=decoded.encoding,
        title_hint=page.metas.get("articletitle") or page.title,
        published_hint=published(page, everything),
    )


def _from_mht(data: bytes, name: str) -> tuple[bytes, str | None]:
    """The first HTML part of a web archive and its charset; of a workbook saved as one, the sheets in their frames."""
    message = email.message_from_bytes(data, policy=email.policy.default)
    pages: list[tuple[bytes, str | None]] = []
    for part in message.walk():
        if part.get_content_type() == "text/html":
            payload = part.get_payload(decode=True)
            if isinstance(payload, bytes) and payload.strip():
                pages.append((payload, part.get_content_charset()))
    if len(pages) > 1 and b"<frameset" in pages[0][0].lower():
        label = pages[1][1]
        same = [page for page, charset in pages[1:] if charset == label and b"<table" in page.lower()]
        if same:
            return b"\n".join(same), label
    if pages:
        return pages[0]
    raise ReadError("bad_html", f"文件“{name}”是网页存档，但其中没有网页正文，请另存为docx或pdf后报送。")


class _Render:
    """Events to lines and tables."""

    def __init__(self, events: list[Event]) -> None:
        self._events = events
        self._tables = 0

    def pieces(self, start: int, end: int) -> list[Piece]:
        out: list[Piece] = []
        buffer: list[str] = []
        kind = "paragraph"
        pre = 0

        def flush() -> None:
            line = _SPACE.sub(" ", "".join(buffer)).strip(" \u3000")
            buffer.clear()
            if line:
                out.append((kind, line))

        i = start
        while i < end:
            event = self._events[i]
            tag = event.tag
            if not tag:
                text = event.text
                if pre and "\n" in text:
                    for n, line in enumerate(text.split("\n")):
                        if n:
                            flush()
                        buffer.append(line)
                else:
                    buffer.append(text)
            elif tag == "br":
                flush()
            elif tag == "tr" and html_tree.is_hidden(event.attrs, tag):  # of a table that lays out the page
                i = event.end
            elif tag == "table" and is_data_table(self._events, i):
                flush()
                out.extend(self._table(i))
                i = event.end
            elif tag.lstrip("/") in _BLOCKS:
                flush()
                name = tag.lstrip("/")
                if name == "pre":
                    pre += -1 if tag.startswith("/") else 1
                if len(name) == 2 and name[0] == "h" and name[1].isdigit():
                    kind = "paragraph" if tag.startswith("/") else "heading"
            i += 1
        flush()
        return out

    def _table(self, at: int) -> list[Piece]:
        """A data table; its caption element comes as a line before it."""
        rows: list[list[Raw]] = []
        hidden: list[int] = []
        out: list[Piece] = []
        i = at + 1
        while i < self._events[at].end:
            event = self._events[i]
            if event.tag == "tr":
                if html_tree.is_hidden(event.attrs, "tr"):
                    hidden.append(len(rows))
                rows.append([])
            elif event.tag in ("td", "th"):
                if not rows:
                    rows.append([])
                lines = [t for _, t in self.pieces(i + 1, event.end) if isinstance(t, str)]
                rows[-1].append(
                    Raw(
                        text="\n".join(lines),
                        row_span=_span(event, "rowspan"),
                        col_span=_span(event, "colspan"),
                        hidden=len(rows) - 1 in hidden[-1:],
                    )
                )
                i = event.end
            elif event.tag == "caption":
                out.extend(self.pieces(i + 1, event.end))
                i = event.end
            elif not event.tag and event.text.strip():  # text that a broken page puts between cells
                out.append(("paragraph", _SPACE.sub(" ", event.text).strip()))
            i += 1
        self._tables += 1
        out.append(("table", msgspec.structs.replace(lay_out(self._tables, rows), hidden_rows=tuple(hidden))))
        return out


def _span(event: Event, key: str) -> int:
    value = (event.attrs.get(key) or "1").strip()
    number = int(value) if value.isdigit() and len(value) <= 5 else 1
    return 65_534 if number == 0 else number  # rowspan=0: to the end of the table


def _write(draft: Draft, page: Page, pieces: list[Piece], everything: list[str]) -> list[str]:
    """Writes title and main text; returns the furniture lines that were left out of it."""
    number = 0
    body = "".join("".join(t.split()) for _, t in pieces[:12] if isinstance(t, str))
    title = _title(page, everything)
    if title and "".join(title.split()) not in body:
        number += 1
        draft.paragraph(title, Anchor(paragraph=number), kind="heading")
    dropped = []
    for kind, value in pieces:
        if isinstance(value, Table):
            base = number

            def anchor(cell: Cell, base: int = base, table: Table = value) -> Anchor:
                return Anchor(paragraph=base + cell.row + 1, table=table.index, cell=cell.ref)

            draft.table(value, anchor)
            number += value.rows
        elif is_furniture(value):
            dropped.append(value)
        else:
            number += 1
            draft.paragraph(value, Anchor(paragraph=number), kind=kind)
    text = "".join(str(v) for _, v in pieces if isinstance(v, str))
    for _, label in page.links:
        if label and label not in text:
            number += 1
            draft.paragraph(f"附件：{label}" if "附件" not in label else label, Anchor(paragraph=number), kind="note")
    return dropped


def _links(page: Page, text: str) -> tuple[Link, ...]:
    """Links to files with the places of their labels; a label that stands several times is taken in order."""
    out: list[Link] = []
    seen: dict[str, int] = {}
    for href, label in dict.fromkeys(page.links):
        start = text.find(label, seen.get(label, 0)) if label else -1
        if start >= 0:
            seen[label] = start + len(label)
        out.append(Link(href=href, label=label, start=start if start >= 0 else None))
    return tuple(sorted(out, key=lambda link: len(text) if link.start is None else link.start))


def _title(page: Page, everything: list[str]) -> str | None:
    """The document's title as the page knows it, the site's own name cut off; None when it names only the site."""
    meta = page.metas.get("articletitle")
    if meta:
        return meta
    title = page.title.strip()
    flat = "".join(title.split())
    for line in everything:  # the longest heading that the <title> repeats
        bare = "".join(line.split())
        if 6 <= len(bare) <= 120 and flat.startswith(bare) and _DOCUMENT_TITLE.search(bare):
            return line
    short = _SITE.sub("", title)
    return short if len(short) >= 6 and _DOCUMENT_TITLE.search(short) else None


def _remarks(draft: Draft, page: Page, dropped: list[str], everything: list[str]) -> None:
    name = draft.name
    if dropped:
        sample = "；".join(dropped[:3])[:100]
        draft.notice("furniture_left_out", f"文件“{name}”的{len(dropped)}行网站辅助信息未计入正文（{sample}）。")
    kept = {b.strip() for b in "".join(draft._parts).split("\n")}
    outside = [t for t in everything if t not in kept and t not in dropped]
    if outside:
        count = sum(len(t) for t in outside)
        draft.notice("outside_main_text", f"文件“{name}”正文以外的{count}个字（栏目、链接、版权信息等）未计入正文。")
    if page.hidden:
        draft.notice("hidden_text", f"文件“{name}”中网页不显示的{page.hidden}个字未读取。")
    for table in draft.tables:
        if table.hidden_rows:
            numbers = "、".join(str(r + 1) for r in table.hidden_rows[:10])
            draft.notice(
                "hidden_rows",
                f"文件“{name}”的第{table.index}个表格有{len(table.hidden_rows)}个隐藏行（第{numbers}行），已一并读取，请核对。",
                anchor=Anchor(table=table.index),
            )
    if page.links:
        labels = "、".join(label or href for href, label in page.links[:5])[:120]
        draft.notice("attachment_links", f"文件“{name}”链接了{len(page.links)}个附件（{labels}），附件需另行报送。")
