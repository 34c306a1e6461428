"""Mail by SMTP and webhooks of group robots (企业微信, 钉钉, 飞书)."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
import smtplib
import ssl
import urllib.parse
from email.message import EmailMessage
from typing import Any

from pipelines.fetching.secrets import reveal
from pipelines.source_schema import SourceError
from pipelines.telling.settings import Mail, Robot

_TIMEOUT = 20.0


class ChannelError(Exception):
    """A message did not get through; what was to be told is told with the next."""


def send_mail(settings: Mail, subject: str, lines: list[str]) -> None:
    """One mail to all recipients. Raises ChannelError."""
    message = EmailMessage()
    message["From"], message["To"] = settings.sender, ", ".join(settings.recipients)
    message["Subject"] = subject
    message["Auto-Submitted"] = "auto-generated"
    message.set_content("\n".join(lines))
    context = ssl.create_default_context(cafile=settings.ca_file)
    local = settings.host in ("127.0.0.1", "::1", "localhost")
    if settings.security == "none" and not local:
        raise SourceError("通知配置里 mail.security: none 只能用于本机的邮件服务；请改为 tls 或 starttls")
    try:
        if settings.security == "tls":
            server: smtplib.SMTP = smtplib.SMTP_SSL(settings.host, settings.port, timeout=_TIMEOUT, context=context)
        else:
            server = smtplib.SMTP(settings.host, settings.port, timeout=_TIMEOUT)
        with server:
            if settings.security == "starttls":
                server.starttls(context=context)
            if settings.username is not None and settings.password is not None:
                server.login(settings.username, reveal(settings.password, "telling.yml", "邮件口令"))
            server.send_message(message)
    except (smtplib.SMTPException, OSError) as e:
        raise ChannelError(
            f"邮件没有发出（{settings.host}:{settings.port}，{type(e).__name__}）；请检查邮件服务器"
        ) from e


def payload(kind: str, subject: str, lines: list[str], *, sign: str | None, now: dt.datetime) -> dict[str, Any]:
    """What a robot takes: each kind has its own shape. 飞书 carries its signature in the body."""
    text = "\n".join(lines)
    if kind == "wecom":
        return {"msgtype": "text", "text": {"content": _cut(text, 2048)}}
    if kind == "dingtalk":
        quoted = "\n\n".join(line for line in lines if line)
        return {"msgtype": "markdown", "markdown": {"title": subject, "text": _cut(quoted, 18_000)}}
    body: dict[str, Any] = {"msg_type": "text", "content": {"text": _cut(text, 18_000)}}
    if sign is not None:
        stamp = str(int(now.timestamp()))
        digest = hmac.new(f"{stamp}\n{sign}".encode(), b"", hashlib.sha256).digest()
        body |= {"timestamp": stamp, "sign": base64.b64encode(digest).decode()}
    return body


def signed_url(url: str, sign: str | None, now: dt.datetime) -> str:
    """钉钉's address with its signature: HMAC-SHA256 of the time in milliseconds and the secret."""
    if sign is None:
        return url
    stamp = str(int(now.timestamp() * 1000))
    digest = hmac.new(sign.encode(), f"{stamp}\n{sign}".encode(), hashlib.sha256).digest()
    return f"{url}&timestamp={stamp}&sign={urllib.parse.quote_plus(base64.b64encode(digest).decode())}"


def send_robot(settings: Robot, subject: str, lines: list[str], now: dt.datetime) -> None:
    """One message to a group. Raises ChannelError, which never names the address: it is the secret."""
    import httpx

    url = reveal(settings.url, "telling.yml", "机器人地址")
    sign = None if settings.sign is None else reveal(settings.sign, "telling.yml", "机器人签名密钥")
    body = payload(settings.kind, subject, lines, sign=sign, now=now)
    target = signed_url(url, sign, now) if settings.kind == "dingtalk" else url
    try:
        answer = httpx.post(target, json=body, timeout=_TIMEOUT, trust_env=False, follow_redirects=False)
        said = answer.json() if answer.status_code == 200 else {}
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as e:
        raise ChannelError(f"{settings.kind} 机器人没有收到消息（{type(e).__name__}）；请检查地址和网络") from None
    code = said.get("errcode", said.get("code", said.get("StatusCode", -1)))
    if code != 0:
        raise ChannelError(f"{settings.kind} 机器人拒收（代码 {code}）；请检查地址、签名和关键词设置")


def _cut(text: str, limit: int) -> str:
    """At most so many bytes of UTF-8, ending at a whole character."""
    data = text.encode("utf-8")
    return text if len(data) <= limit else data[: limit - 3].decode("utf-8", "ignore") + "…"
