"""`<home>/telling.yml`: whom to tell, and how. Without that file only the morning's files are written."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import msgspec
import yaml
from msgspec import Meta

from pipelines.source_schema import Part, Secret, SourceError


class Mail(Part, frozen=True, kw_only=True):
    """An SMTP server and who gets the summary."""

    host: str
    sender: str
    recipients: Annotated[tuple[str, ...], Meta(min_length=1)]
    port: Annotated[int, Meta(ge=1, le=65535)] = 465
    security: Literal["tls", "starttls", "none"] = "tls"
    username: str | None = None
    password: Secret | None = None
    ca_file: str | None = None


class Robot(Part, frozen=True, kw_only=True):
    """A group robot's webhook. Its address is a secret: whoever has it can post."""

    kind: Literal["wecom", "dingtalk", "feishu"]
    url: Secret
    sign: Secret | None = None


class Telling(Part, frozen=True, kw_only=True):
    """The file's keys. `quiet` tells of troubles only, not of nights that went well."""

    mail: Mail | None = None
    robots: tuple[Robot, ...] = ()
    quiet: bool = False


def load_telling(home: Path) -> Telling:
    """The settings of a home. Raises SourceError naming the file and what is wrong."""
    path = home / "telling.yml"
    if not path.is_file():
        return Telling()
    try:
        return msgspec.convert(yaml.safe_load(path.read_text(encoding="utf-8")) or {}, Telling)
    except (msgspec.ValidationError, yaml.YAMLError, UnicodeDecodeError) as e:
        raise SourceError(f"通知配置 {path} 有误：{e}；请按 docs/operating.md 改正") from e
