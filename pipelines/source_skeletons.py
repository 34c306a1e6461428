"""Skeletons: what `qingqian source new` writes, every key of the kind with its meaning, those not needed commented."""

from __future__ import annotations

from typing import Any

import msgspec

from pipelines.source_schema import KINDS

# What stands for a value that a person has to fill in; it fits the schema, so that the file is valid as written.
_BLANKS: dict[str, dict[str, str]] = {
    "folder": {"path": "inbox"},
    "http": {
        "listing": '["https://www.example.gov.cn/tzgg/index.html"]',
        "select": '\n  item: "ul.list li"            # one entry of a listing page\n'
        '  link: "a[href]"               # the link, inside an entry\n'
        '  content: "#zoom"              # what every true article page has\n'
        "  attachments: \"#zoom a[href$='.pdf'], #zoom a[href$='.docx'], #zoom a[href$='.xlsx']\"\n"
        '  # date: "span.date"\n'
        '  # next_page: "a.next"',
    },
    "sftp": {
        "host": "sftp.example.gov.cn", "path": "/report", "username": "qingqian",
        "host_key": '"ssh-ed25519 AAAA..."  # from: ssh-keyscan -t ed25519 HOST; compare it with what they tell you',
    },
    "s3": {
        "bucket": "reports", "access_key": "{env: QINGQIAN_S3_KEY}", "secret_key": "{env: QINGQIAN_S3_SECRET}",
    },
    "imap": {
        "host": "imap.example.gov.cn", "username": "qingqian@example.gov.cn",
        "password": "{file: /etc/qingqian/imap.secret}  # mode 0600", "senders": '["@example.gov.cn"]',
    },
}  # fmt: skip


def skeleton(name: str, kind: str) -> str:
    """The commented YAML of a new source. Raises KeyError for an unknown kind."""
    info: Any = msgspec.inspect.type_info(KINDS[kind])
    about = (info.cls.__doc__ or "").split("\n")[0]
    lines = ["# yaml-language-server: $schema=source.schema.json", f"# {about}", f"name: {name}", f"kind: {kind}"]
    for field in info.fields:
        key = field.encode_name
        if key == "name":
            continue
        meaning = meaning_of(field.type)
        if key in _BLANKS[kind]:
            lines += ["", f"# {meaning}", f"{key}:{_spaced(_BLANKS[kind][key])}"]
        else:
            lines += ["", f"# {meaning}", f"# {key}: {default_of(field)}"]
    return "\n".join(lines) + "\n"


def _spaced(value: str) -> str:
    return value if value.startswith("\n") else f" {value}"


def meaning_of(kind: Any) -> str:
    """The description of a key, wherever it stands in its type."""
    while isinstance(kind, msgspec.inspect.Metadata):
        extra = kind.extra_json_schema or {}
        if "description" in extra:
            return str(extra["description"])
        kind = kind.type
    if isinstance(kind, msgspec.inspect.UnionType):
        return next((m for t in kind.types if (m := meaning_of(t))), "")
    return ""


def default_of(field: Any) -> str:
    value = field.default_factory() if field.default is msgspec.NODEFAULT and not field.required else field.default
    if isinstance(value, msgspec.Struct):
        value = {k: v for k, v in msgspec.structs.asdict(value).items() if v is not None}
    return msgspec.json.encode(value).decode()
