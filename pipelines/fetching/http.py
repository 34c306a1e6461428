"""Web sites: listing pages, the articles they name, those articles' attachments; only what is new or has changed."""

from __future__ import annotations

import datetime as dt
import fnmatch
import re
from collections.abc import Iterator, Mapping

from pipelines.fetching.delivery import Delivery, PermanentError, Pull, TransientError
from pipelines.fetching.pages import path_of, read_article, read_listing, refuse_false_attachment
from pipelines.fetching.retry import retried
from pipelines.fetching.spool import Part, stated_digests
from pipelines.fetching.web import Web
from pipelines.source_schema import HttpSource
from warehouse.state_sources import Fetched

# Headers worth keeping with the provenance.
_OF_INTEREST = ("etag", "last-modified", "content-type", "content-length", "date", "content-disposition")
_FAILURES_IN_A_ROW = 3
_HEAD_BYTES = 65_536


def deliver(source: HttpSource, pull: Pull) -> Iterator[Delivery]:
    """Everything the listing pages name tonight.

    An item that cannot be had costs itself; a listing that cannot be had, or a few items in a row that give no
    answer, end the pull with TransientError or PermanentError: a site that is down is not knocked at for each item.
    """
    with Web(source, pull) as web:
        site = _Site(source, pull, web)
        for listing in source.listing:
            url: str | None = listing
            for _ in range(source.max_pages):
                if url is None:
                    break
                final, data = web.read(url)
                listed = read_listing(data, final, source)
                fresh = False
                for target, _label, _when in listed.articles:
                    fresh |= path_of(target, is_page=True) not in pull.known
                    yield from site.article(target)
                if not fresh:
                    break  # what comes after was seen before
                url = listed.next_page


class _Site:
    """One night at one site."""

    def __init__(self, source: HttpSource, pull: Pull, web: Web) -> None:
        self.source, self.pull, self.web = source, pull, web
        self.seen: set[str] = set()
        self.files = self.bytes = self.silent = 0

    def article(self, url: str) -> Iterator[Delivery]:
        """An article and its attachments."""
        links: tuple[str, ...] = ()
        for delivery in self._item(url, is_page=True):
            links = delivery.links
            yield delivery
        for link in links:
            yield from self._item(link, is_page=False)

    def _item(self, url: str, *, is_page: bool) -> Iterator[Delivery]:
        if url in self.seen:
            return
        self.seen.add(url)
        path = path_of(url, is_page=is_page)
        record = self.pull.known.get(path)
        name = path.rsplit("/", 1)[-1]
        if any(fnmatch.fnmatch(name, pattern) for pattern in self.source.ignore):
            yield Delivery(path=path, url=url, ignored="临时文件或约定不收的文件名")
            return
        if record is not None and self._is_settled(record):
            yield _known(record)
            return
        if self.files >= self.source.limits.max_files or self.bytes >= self.source.limits.max_total_bytes:
            yield Delivery(path=path, url=url, ignored="今夜收取已达上限，下一夜再收")
            return
        try:
            delivery = self._fetch(url, path, record, is_page=is_page)
        except PermanentError as e:
            self.silent = 0
            yield Delivery(path=path, url=url, failed=f"{e.code}：{e}")
            return
        except TransientError as e:
            self.silent += 1
            if self.silent >= _FAILURES_IN_A_ROW:
                raise
            yield Delivery(path=path, url=url, failed=f"{e.code}：{e}")
            return
        self.silent = 0
        if delivery.file is not None:
            self.files += 1
            self.bytes += delivery.size
        yield delivery

    def _is_settled(self, record: Fetched) -> bool:
        return self.pull.now - record.first_fetched_at > dt.timedelta(days=self.source.refresh_days)

    def _fetch(self, url: str, path: str, record: Fetched | None, *, is_page: bool) -> Delivery:
        part = Part(self.pull.folder, path)
        limits = self.source.limits
        headers: dict[str, str] = {}

        def once() -> bool:
            at, version = part.begun()
            asked = _conditions(record)
            if at and version is not None:
                asked = {"Range": f"bytes={at}-", "If-Range": version}
            with self.web.get(url, asked) as response:
                if response.status_code == 304 and record is not None:
                    return False
                if response.status_code == 416:
                    part.drop()
                    raise TransientError("changed_meanwhile", f"{url} 在收取中变了，从头再收")
                start, total = _extent(response.status_code, response.headers, at)
                if start is None:
                    part.drop()
                    raise TransientError("wrong_range", f"{url} 没有从断点接着给，从头再收")
                if total is not None and total > limits.max_file_bytes:
                    raise PermanentError("too_long", f"文件 {total:,} 字节，超过 {limits.max_file_bytes:,} 字节的上限")
                headers.clear()
                headers.update({k: v for k in _OF_INTEREST if (v := response.headers.get(k))})
                body = self.web.body(response, limits.max_file_bytes)
                part.write(body, at=start, version=_version(response.headers), limit=limits.max_file_bytes)
                digests = stated_digests(response.headers)
            part.finish(size=total, digests=digests)
            return True

        if not retried(once, limits, self.pull):
            assert record is not None
            return _known(record)
        with part.whole.open("rb") as f:
            head = f.read(_HEAD_BYTES)
        try:
            links: tuple[str, ...] = ()
            if is_page and _is_html(head, headers):
                links = read_article(part.whole.read_bytes(), url, self.source)
            else:
                refuse_false_attachment(head, url, headers.get("content-type", ""), self.source)
        except PermanentError:
            part.whole.unlink()
            raise
        token = headers.get("etag") or headers.get("last-modified")
        return Delivery(
            path=path,
            url=url,
            size=part.whole.stat().st_size,
            file=part.whole,
            token=token,
            headers=headers,
            links=links,
        )


def _known(record: Fetched) -> Delivery:
    return Delivery(
        path=record.path, url=record.url, size=record.size, known=record.file_id, token=record.token, links=record.links
    )


def _conditions(record: Fetched | None) -> dict[str, str]:
    """Only if it changed: If-None-Match, If-Modified-Since."""
    out: dict[str, str] = {}
    if record is not None and record.headers.get("etag"):
        out["If-None-Match"] = record.headers["etag"]
    if record is not None and record.headers.get("last-modified"):
        out["If-Modified-Since"] = record.headers["last-modified"]
    return out


def _version(headers: Mapping[str, str]) -> str | None:
    """What If-Range may compare by: a strong ETag, else Last-Modified (RFC 9110, 13.1.5)."""
    etag = headers.get("etag")
    if etag and not etag.startswith("W/"):
        return str(etag)
    last = headers.get("last-modified")
    return str(last) if last else None


def _extent(status: int, headers: Mapping[str, str], at: int) -> tuple[int | None, int | None]:
    """From which byte the body goes on (None: not from where we asked), and how long the whole is."""
    if status == 206:
        found = re.fullmatch(r"bytes (\d+)-(\d+)/(\d+|\*)", headers.get("content-range") or "")
        if found is None or int(found[1]) != at:
            return None, None
        return at, None if found[3] == "*" else int(found[3])
    encoded = (headers.get("content-encoding") or "identity") != "identity"
    length = headers.get("content-length")
    return 0, None if encoded or length is None or not length.isdigit() else int(length)


def _is_html(head: bytes, headers: dict[str, str]) -> bool:
    declared = headers.get("content-type", "")
    return "html" in declared or re.search(rb"(?i)<(?:!doctype\s+)?html", head[:2000]) is not None
