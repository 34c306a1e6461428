"""Which addresses we may talk to: the hosts of the source, and, unless its YAML says so, none on a private network.

A listing page is written by others; a link in it must not make us knock at a router, a metadata service or a database
of the house (server-side request forgery).
"""

from __future__ import annotations

import ipaddress
import socket
from urllib.parse import urlsplit

from pipelines.fetching.delivery import PermanentError, TransientError


def host_of(url: str) -> str:
    """Host and port of an address, lower case; the port only where it is not the scheme's own."""
    parts = urlsplit(url)
    try:
        port = parts.port
    except ValueError:
        return ""
    host = (parts.hostname or "").lower()
    return host if port is None or port == {"http": 80, "https": 443}.get(parts.scheme) else f"{host}:{port}"


def check_url(url: str, hosts: frozenset[str], *, allow_private: bool) -> None:
    """Raises PermanentError for an address that we must not ask, TransientError when its name cannot be resolved."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https"):
        raise PermanentError("bad_address", f"地址 {_short(url)} 不是 http 或 https；未访问")
    if parts.username or parts.password:
        raise PermanentError("bad_address", f"地址 {_short(url)} 带有用户名或口令；未访问")
    if host_of(url) not in hosts:
        raise PermanentError(
            "foreign_host", f"地址 {_short(url)} 不在允许的主机（{'、'.join(sorted(hosts))}）内；确要收取，请加到 hosts"
        )
    if not allow_private:
        for address in _resolved(parts.hostname or ""):
            check_address(address, url)


def check_address(address: str, url: str) -> None:
    """Raises PermanentError when an IP address is not one of the public internet."""
    found = ipaddress.ip_address(address.split("%")[0])
    mapped = getattr(found, "ipv4_mapped", None)
    if not (mapped or found).is_global or found.is_multicast:
        raise PermanentError(
            "private_address", f"地址 {_short(url)} 指向内部网络（{address}）；确是本单位网站，请设 allow_private: true"
        )


def _resolved(host: str) -> list[str]:
    try:
        return sorted({str(info[4][0]) for info in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)})
    except (socket.gaierror, UnicodeError) as e:
        raise TransientError("dns", f"主机名 {host} 无法解析；请检查网络和域名服务器") from e


def _short(url: str) -> str:
    """An address for messages: no user, no query (queries may hold tokens)."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.hostname or ''}{parts.path}"[:200]
