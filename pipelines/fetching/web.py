"""A polite web client: one request at a time with a pause between, robots.txt, redirects looked at one by one."""

from __future__ import annotations

import datetime as dt
import email.utils
import re
import ssl
import time
import urllib.robotparser
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Self
from urllib.parse import urljoin, urlsplit

import httpx

from pipelines.fetching.addresses import check_address, check_url, host_of
from pipelines.fetching.delivery import PermanentError, Pull, TransientError
from pipelines.fetching.retry import retried
from pipelines.source_schema import MIB, HttpSource, SourceError

_MAX_REDIRECTS = 5
_TRY_AGAIN = {408, 425, 429, 500, 502, 503, 504}
_LOGIN_PATH = re.compile(r"(?i)/(?:login|signin|sso|cas|passport|oauth2?|logon|auth)(?:[/.?_-]|$)")
_MAX_ROBOTS_BYTES = 512 * 1024


class Web:
    """Requests to the hosts of one source. Use as a context manager, from one thread."""

    def __init__(self, source: HttpSource, pull: Pull) -> None:
        self.source, self.pull = source, pull
        self.hosts = frozenset(h.lower() for h in source.hosts) | {host_of(u) for u in source.listing}
        verify: ssl.SSLContext | bool = True
        if source.ca_file is not None:
            if not Path(source.ca_file).is_file():
                raise SourceError(f"来源“{source.name}”的 ca_file {source.ca_file} 不存在；请检查路径")
            verify = ssl.create_default_context(cafile=source.ca_file)
        self._client = httpx.Client(
            timeout=source.limits.timeout_seconds,
            verify=verify,
            trust_env=False,  # neither proxies nor credentials that happen to lie in the environment
            follow_redirects=False,
            headers={"User-Agent": source.user_agent, "Accept-Encoding": "identity", "Accept-Language": "zh-CN,zh"},
        )
        self._last: float | None = None
        self._robots: dict[str, urllib.robotparser.RobotFileParser] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    @contextmanager
    def get(self, url: str, headers: Mapping[str, str] | None = None) -> Iterator[httpx.Response]:
        """One request with redirects inside the allowed hosts; the response open for reading.

        Raises TransientError or PermanentError for everything that is not 200, 206 or 304.
        """
        start = url
        for _ in range(_MAX_REDIRECTS + 1):
            self._permit(url)
            with self._once(url, headers or {}) as response:
                if not response.has_redirect_location:
                    self._judge(response, start)
                    yield response
                    return
                target = urljoin(url, response.headers["location"])
            if _LOGIN_PATH.search(urlsplit(target).path) and not _LOGIN_PATH.search(urlsplit(start).path):
                raise PermanentError(
                    "login_page", f"{_where(start)} 被转到登录页 {_where(target)}；请确认是否仍对外公开"
                )
            if urlsplit(url).scheme == "https" and urlsplit(target).scheme == "http":
                raise PermanentError("downgrade", f"{_where(start)} 被转到不加密的地址 {_where(target)}；未跟随")
            url = target
        raise PermanentError("redirect_loop", f"{_where(start)} 转了 {_MAX_REDIRECTS} 次仍未到达；请检查地址")

    def read(self, url: str) -> tuple[str, bytes]:
        """A page's final address and bytes, with tries again."""

        def once() -> tuple[str, bytes]:
            with self.get(url) as response:
                return str(response.url), b"".join(
                    self.body(response, min(self.source.limits.max_file_bytes, 20 * MIB))
                )

        return retried(once, self.source.limits, self.pull)

    def body(self, response: httpx.Response, limit: int) -> Iterator[bytes]:
        """The body in pieces, at most `limit` bytes. Raises TransientError when it breaks off."""
        size = 0
        try:
            encoded = response.headers.get("content-encoding", "identity") != "identity"  # though we asked for none
            for chunk in response.iter_bytes() if encoded else response.iter_raw():
                size += len(chunk)
                if size > limit:
                    raise PermanentError("too_long", f"{_where(str(response.url))} 超过 {limit:,} 字节的上限；未收取")
                yield chunk
        except (httpx.TransportError, httpx.DecodingError) as e:
            raise TransientError("broken_off", f"{_where(str(response.url))} 传到 {size:,} 字节时中断") from e

    # ------------------------------------------------------------------------------------------------------------

    def _permit(self, url: str) -> None:
        check_url(url, self.hosts, allow_private=self.source.allow_private)
        if self.source.robots and not self._rules(url).can_fetch(self.source.user_agent, url):
            raise PermanentError(
                "robots", f"{_where(url)} 被该网站的 robots.txt 禁止收取；如已获书面同意，可设 robots: false"
            )

    def _rules(self, url: str) -> urllib.robotparser.RobotFileParser:
        """The site's robots.txt, asked once a night: missing means all is allowed, unreachable that nothing is
        (RFC 9309, 2.3.1)."""
        parts = urlsplit(url)
        site = f"{parts.scheme}://{parts.netloc}"
        if site not in self._robots:
            rules = urllib.robotparser.RobotFileParser()
            with self._once(f"{site}/robots.txt", {}) as response:
                if response.status_code >= 500 or response.status_code == 429:
                    raise TransientError("robots", f"{site}/robots.txt 暂时取不到（{response.status_code}）")
                lines: list[str] = []
                if response.status_code == 200:
                    data = b""
                    for chunk in self.body(response, _MAX_ROBOTS_BYTES):
                        data += chunk
                    lines = data.decode("utf-8", "replace").splitlines()
                rules.parse(lines)
            self._robots[site] = rules
        return self._robots[site]

    def _wait(self, url: str) -> None:
        """The pause between two requests: ours, or the site's Crawl-delay when that is longer (up to a minute)."""
        parts = urlsplit(url)
        rules = self._robots.get(f"{parts.scheme}://{parts.netloc}")
        asked = rules.crawl_delay(self.source.user_agent) if rules is not None and self.source.robots else None
        delay = max(self.source.delay_seconds, min(float(asked or 0), 60.0))
        if self._last is not None and delay:
            left = self._last + delay - time.monotonic()
            if left > 0:
                self.pull.sleep(left)
        self._last = time.monotonic()

    @contextmanager
    def _once(self, url: str, headers: Mapping[str, str]) -> Iterator[httpx.Response]:
        check_url(url, self.hosts, allow_private=self.source.allow_private)
        self._wait(url)
        try:
            with self._client.stream("GET", url, headers=dict(headers)) as response:
                if not self.source.allow_private:
                    # names may resolve differently the second time: what counts is who answered
                    stream = response.extensions.get("network_stream")
                    peer = stream.get_extra_info("server_addr") if stream is not None else None
                    if peer is not None:
                        check_address(str(peer[0]), url)
                yield response
        except httpx.TimeoutException as e:
            raise TransientError(
                "timeout", f"{_where(url)} 超过 {self.source.limits.timeout_seconds:g} 秒没有回应"
            ) from e
        except httpx.ConnectError as e:
            if "CERTIFICATE" in str(e).upper():
                raise PermanentError(
                    "bad_certificate", f"{_where(url)} 的证书无效或已过期；请联系网站，勿关闭校验"
                ) from e
            raise TransientError("no_connection", f"{_where(url)} 连接不上") from e
        except httpx.TransportError as e:
            raise TransientError("broken_off", f"{_where(url)} 连接中断（{type(e).__name__}）") from e
        except httpx.InvalidURL as e:
            raise PermanentError("bad_address", f"地址 {_where(url)} 不合规范") from e

    def _judge(self, response: httpx.Response, url: str) -> None:
        status = response.status_code
        if status in (200, 206, 304, 416):
            return
        if status in _TRY_AGAIN:
            after = retry_after(response.headers.get("retry-after"), self.pull.now)
            raise TransientError(f"http_{status}", f"{_where(url)} 回应 {status}（对方繁忙或故障）", after)
        if status in (401, 403, 407):
            raise PermanentError(f"http_{status}", f"{_where(url)} 拒绝访问（{status}）；请确认是否仍对外公开")
        raise PermanentError(f"http_{status}", f"{_where(url)} 回应 {status}；请检查地址")


def retry_after(value: str | None, now: dt.datetime) -> float | None:
    """Seconds that a Retry-After header asks for: a number, or a date (RFC 9110, 10.2.3)."""
    if not value:
        return None
    if value.strip().isdigit():
        return float(value)
    try:
        moment = email.utils.parsedate_to_datetime(value)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=dt.UTC)
    return max(0.0, (moment - now).total_seconds())


def _where(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"[:200]
