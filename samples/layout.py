"""A document as a list of pieces, and the four ways to print it: plain text, Word, PDF, web page.

The bytes depend on nothing but the pieces: no clock, no compression (compressors differ between machines), fixed
metadata. Building twice gives the same files, here and elsewhere.
"""

from __future__ import annotations

import datetime as dt
import html
import io
import re
import zipfile
from typing import Any, Literal, NamedTuple

Kind = Literal["issuer", "number", "title", "to", "h1", "h2", "p", "attachments", "sign", "date", "note", "foot"]

_DEFAULT = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}default"
# Fixed, for the metadata of Office files and archives; no document's own date.
STAMP = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


class Piece(NamedTuple):
    """A paragraph and the part it plays on the page (GB/T 9704-2012)."""

    kind: Kind
    text: str


class Grid(NamedTuple):
    """A table: rows of cells, the first one the header."""

    rows: tuple[tuple[str, ...], ...]


Part = Piece | Grid


def pieces(source: str, tables: dict[str, Grid] | None = None) -> list[Part]:
    """Read the small notation the texts are written in: one paragraph a line, `kind| text`.

    A line without a kind is a body paragraph; `table| name` puts in a table.
    """
    parts: list[Part] = []
    for line in source.strip().splitlines():
        kind, bar, text = line.partition("|")
        if not bar:
            parts.append(Piece("p", line.strip()))
        elif kind == "table":
            parts.append((tables or {})[text.strip()])
        else:
            parts.append(Piece(kind, text.strip()))  # type: ignore[arg-type]
    return parts


def to_text(parts: list[Part]) -> str:
    """Plain text as offices send it: indented paragraphs, a blank line around the head and the signature."""
    lines: list[str] = []
    for part in parts:
        if isinstance(part, Grid):
            lines += ["\t".join(row) for row in part.rows]
        elif part.kind in ("issuer", "number", "title"):
            lines += [part.text, ""]
        elif part.kind in ("sign", "date"):
            lines += ["", " " * 20 + part.text] if part.kind == "sign" else [" " * 24 + part.text, ""]
        elif part.kind in ("to", "foot"):
            lines.append(part.text)
        else:
            lines.append("　　" + part.text)
    return "\n".join(lines).rstrip() + "\n"


def to_docx(parts: list[Part], title: str) -> bytes:
    """A Word document."""
    import docx
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Pt, RGBColor

    document = docx.Document()
    core = document.core_properties
    core.title, core.author, core.comments, core.created, core.modified = title, "示例", "", STAMP, STAMP
    for part in parts:
        if isinstance(part, Grid):
            table = document.add_table(rows=0, cols=len(part.rows[0]), style="Table Grid")
            for row in part.rows:
                for cell, text in zip(table.add_row().cells, row, strict=True):
                    cell.text = text
            continue
        paragraph = document.add_paragraph()
        run = paragraph.add_run(part.text)
        run.font.size = Pt(22 if part.kind in ("issuer", "title") else 16)
        if part.kind == "issuer":
            run.font.color.rgb = RGBColor(0xFF, 0, 0)
        if part.kind in ("issuer", "number", "title"):
            paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        elif part.kind in ("sign", "date"):
            paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        elif part.kind not in ("to", "foot"):
            paragraph.paragraph_format.first_line_indent = Pt(32)
        run.bold = part.kind in ("issuer", "title", "h1")
    _slim(document)
    out = io.BytesIO()
    document.save(out)
    return repack(out.getvalue())


def _slim(document: Any) -> None:
    """Drop what the library's template carries and nobody uses: hundreds of styles, a picture, a second style sheet."""
    styles = document.styles.element
    for style in list(styles.style_lst):
        if style.get(_DEFAULT) is None and style.name_val != "Table Grid":
            styles.remove(style)
    for part, unused in ((document.part, ("stylesWithEffects", "customXml")), (document.part.package, ("thumbnail",))):
        for key, relation in list(part.rels.items()):
            if relation.reltype.endswith(unused):
                del part.rels[key]


def to_html(parts: list[Part], *, title: str, site: str, published: str, source: str) -> bytes:
    """A page of a government site, with the furniture that surrounds the text there."""
    body: list[str] = []
    for part in parts:
        if isinstance(part, Grid):
            rows = ("".join(f"<td>{html.escape(c)}</td>" for c in row) for row in part.rows)
            body.append("<table border=1>" + "".join(f"<tr>{r}</tr>" for r in rows) + "</table>")
        elif part.kind in ("sign", "date"):
            body.append(f'<p style="text-align:right">{html.escape(part.text)}</p>')
        elif part.kind in ("issuer", "number", "title"):
            body.append(f'<p style="text-align:center"><strong>{html.escape(part.text)}</strong></p>')
        else:
            indent = "" if part.kind in ("to", "foot") else "&emsp;&emsp;"
            body.append(f"<p>{indent}{html.escape(part.text)}</p>")
    page = f"""<!DOCTYPE html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<title>{html.escape(title)}_{site}</title>
<meta name="ArticleTitle" content="{html.escape(title)}">
<meta name="PubDate" content="{published} 09:30">
<meta name="ContentSource" content="{source}">
<style>body {{ font-family: SimSun }} .nav a {{ margin: 0 1em }}</style>
<script>var visits = 1024; function share() {{ return "分享到微信"; }}</script>
</head>
<body>
<div class="header"><h2>{site}</h2>
<ul class="nav"><li><a href="/">首页</a></li><li><a href="/xw/">政务要闻</a></li>
<li><a href="/gk/">信息公开</a></li><li><a href="/fw/">办事服务</a></li><li><a href="/hd/">互动交流</a></li></ul></div>
<div class="crumbs">当前位置：<a href="/">首页</a> &gt; <a href="/gk/">信息公开</a> &gt; 正文</div>
<div class="article">
<h1>{html.escape(title)}</h1>
<div class="info">发布时间：{published} 09:30　来源：{source}　浏览次数：1024　字号：[大 中 小]</div>
<div id="content" class="content">
{chr(10).join(body)}
</div>
<div class="tools"><a href="#">打印本页</a>
<a href="#">关闭窗口</a> 分享到：<a href="#">微信</a> <a href="#">微博</a></div>
</div>
<div class="related"><h3>相关阅读</h3><ul><li><a href="/1.html">本周天气与农事提醒</a></li>
<li><a href="/2.html">政务服务大厅节假日值班安排</a></li></ul></div>
<div class="footer">主办单位：{source}　网站标识码：0000000000　网站地图　联系我们</div>
</body>
</html>
"""
    return page.encode("utf-8")


def repack(package: bytes, replace: dict[str, bytes] | None = None) -> bytes:
    """The same archive with fixed times and without compression; `replace` swaps the content of members.

    Times inside an Office package (`dcterms:created`, `dcterms:modified`) become STAMP as well.
    """
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(package)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as new:
        for name in old.namelist():
            data = (replace or {}).get(name) or old.read(name)
            if name == "docProps/core.xml":
                stamp = STAMP.strftime("%Y-%m-%dT%H:%M:%SZ").encode()
                data = re.sub(rb"(<dcterms:(\w+)[^>]*>)[^<]*(</dcterms:\2>)", rb"\g<1>" + stamp + rb"\g<3>", data)
            member = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            member.create_system = 3
            new.writestr(member, data)
    return out.getvalue()
