"""Listing and article pages: links by CSS selector, names for what they lead to, login and error pages told apart."""

from __future__ import annotations

import hashlib
import re
from pathlib import PurePosixPath
from urllib.parse import unquote, urljoin, urlsplit, urlunsplit

import msgspec
from selectolax.lexbor import LexborHTMLParser, LexborNode

from pipelines.fetching.delivery import PermanentError
from pipelines.source_schema import HttpSource, Select

_LONGEST_NAME = 80


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """A listing page: articles in the page's order (address, label, date as written), and the next page."""

    articles: tuple[tuple[str, str, str | None], ...]
    next_page: str | None


def read_listing(data: bytes, url: str, source: HttpSource) -> Listed:
    """What a listing page lists. Raises PermanentError when it is a login or error page or has no entry at all."""
    page = _parsed(data)
    _refuse_login(page, url, source.login_words)
    select = source.select
    base = _base(page, url)
    seen: set[str] = set()
    articles = []
    for item in page.css(select.item):
        link = item if item.tag == "a" and item.attributes.get("href") else item.css_first(select.link)
        target = _href(link, base)
        if link is None or target is None or target in seen:
            continue
        seen.add(target)
        when = item.css_first(select.date) if select.date else None
        articles.append((target, (link.attributes.get("title") or link.text() or "").strip(), _text(when)))
    if not articles:
        raise PermanentError(
            "empty_listing", f"列表页 {url} 里按 select.item（{select.item}）找不到条目；网站可能改版，请核对选择器"
        )
    after = page.css_first(select.next_page) if select.next_page else None
    return Listed(articles=tuple(articles), next_page=_href(after, base))


def read_article(data: bytes, url: str, source: HttpSource) -> tuple[str, ...]:
    """The addresses of an article's attachments. Raises PermanentError when it is no true article."""
    page = _parsed(data)
    _refuse_login(page, url, source.login_words)
    select: Select = source.select
    if select.content and page.css_first(select.content) is None:
        raise PermanentError(
            "no_content", f"页面 {url} 没有正文（select.content：{select.content}）；可能是错误页，或网站已改版"
        )
    if not select.attachments:
        return ()
    base = _base(page, url)
    found = (_href(link, base) for link in page.css(select.attachments))
    return tuple(dict.fromkeys(a for a in found if a is not None and a != url))


def refuse_false_attachment(head: bytes, url: str, content_type: str, source: HttpSource) -> None:
    """Raises PermanentError when a login or error page came in place of an attachment.

    HTML by itself is no reason: tables of a web page named .xls are common.
    """
    if b"<" in head[:200] and ("html" in content_type or re.search(rb"(?i)<(?:!doctype\s+)?html", head[:2000])):
        _refuse_login(_parsed(head), url, source.login_words)


def path_of(url: str, *, is_page: bool) -> str:
    """A path for an address: host, folders, name with an ending. Different addresses have different paths."""
    parts = urlsplit(url)
    pieces = [_clean(unquote(p)) for p in parts.path.split("/") if p not in ("", ".", "..")]
    name = pieces.pop() if pieces and not parts.path.endswith("/") else "index.html"
    stem, ending = PurePosixPath(name).stem, PurePosixPath(name).suffix
    if is_page and ending.lower() not in (".html", ".htm", ".shtml", ".pdf", ".doc", ".docx", ".xls", ".xlsx", ".ofd"):
        stem, ending = name, ".html"
    digest = hashlib.sha256(url.encode()).hexdigest()[:8]
    exact = "/".join((parts.netloc, *(unquote(p) for p in parts.path.split("/") if p)))
    if parts.query or exact != "/".join((parts.netloc, *pieces, name)) or name == "index.html":
        stem = f"{stem[:_LONGEST_NAME]}~{digest}"
    return "/".join((_clean(parts.netloc.replace(":", "_")), *pieces, f"{stem}{ending}"))


def _clean(text: str) -> str:
    return re.sub(r"[\x00-\x1f\x7f/\\:*?\"<>|!~]", "_", text)[:_LONGEST_NAME].strip(" .") or "_"


def _parsed(data: bytes) -> LexborHTMLParser:
    """The page, decoded as it says of itself, else UTF-8, else GB18030."""
    declared = re.search(rb"(?i)charset\s*=\s*[\"']?\s*([\w-]+)", data[:4096])
    name = declared[1].decode("ascii").lower() if declared else "utf-8"
    name = "gb18030" if name in ("gb2312", "gbk", "gb_2312-80") else name
    for encoding in (name, "utf-8", "gb18030"):
        try:
            return LexborHTMLParser(data.decode(encoding))
        except (UnicodeDecodeError, LookupError):
            continue
    return LexborHTMLParser(data.decode("utf-8", "replace"))


def _refuse_login(page: LexborHTMLParser, url: str, words: tuple[str, ...]) -> None:
    title = _text(page.css_first("title")) or ""
    body = page.body
    text = re.sub(r"\s+", "", body.text() if body is not None else "")
    has_password = page.css_first("input[type=password]") is not None
    if has_password and (len(text) < 600 or any(w in title for w in words)):
        raise PermanentError("login_page", f"{url} 给出的是登录页，不是内容；请确认是否仍对外公开")
    if any(w in title for w in words) or (len(text) < 400 and any(w in text for w in words)):
        raise PermanentError("error_page", f"{url} 给出的是登录页或出错页（状态却是 200）；请用浏览器打开核实")


def _base(page: LexborHTMLParser, url: str) -> str:
    base = page.css_first("base[href]")
    return urljoin(url, base.attributes.get("href") or "") if base is not None else url


def _href(link: LexborNode | None, base: str) -> str | None:
    href = (link.attributes.get("href") or "").strip() if link is not None else ""
    if not href or href.startswith(("#", "javascript:", "mailto:", "tel:", "data:")):
        return None
    try:
        parts = urlsplit(urljoin(base, href))
    except ValueError:
        return None
    return urlunsplit((parts.scheme, parts.netloc, parts.path or "/", parts.query, "")) if parts.netloc else None


def _text(node: LexborNode | None) -> str | None:
    return (node.text() or "").strip() or None if node is not None else None
