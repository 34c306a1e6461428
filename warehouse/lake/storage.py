"""The storage that a lakehouse's files lie on: a folder that every machine sees under one path, or an S3 bucket.

Where the bucket is and who may use it is said by the variables that every S3 program knows (`AWS_ENDPOINT_URL`,
`AWS_REGION`, `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY`, or a file named by `AWS_SHARED_CREDENTIALS_FILE` that
only its owner can read), the same that parts on S3 use (`warehouse.far_store`).
"""

from __future__ import annotations

import configparser
import os
import stat
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from warehouse.ddl import literal
from warehouse.engine import EngineError

PREFIX = "s3://"
FILE = "AWS_SHARED_CREDENTIALS_FILE"
# What a child process that reads the lakehouse is handed on.
VARIABLES = (
    "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE", "AWS_CA_BUNDLE", FILE,
)  # fmt: skip


class Keys(msgspec.Struct, frozen=True):
    """Who asks the store; never printed."""

    key_id: str
    secret: str
    token: str = ""

    def __repr__(self) -> str:
        return "Keys(…)"


def is_bucket(url: str) -> bool:
    """Whether a place is in an S3 store; else it is a folder."""
    return url.startswith(PREFIX)


def keys_set(environment: Mapping[str, str] | None = None) -> Keys | None:
    """The keys of the environment, or of the file it names; None when neither is set (a public bucket).

    Raises EngineError for half a pair, and for a file that is missing, unreadable or open to others.
    """
    variables = os.environ if environment is None else environment
    key_id, secret = variables.get("AWS_ACCESS_KEY_ID", ""), variables.get("AWS_SECRET_ACCESS_KEY", "")
    if key_id and secret:
        return Keys(key_id, secret, variables.get("AWS_SESSION_TOKEN", ""))
    if key_id or secret:
        raise EngineError("AWS_ACCESS_KEY_ID 和 AWS_SECRET_ACCESS_KEY 要一起设置；现在只有其中之一。")
    named = variables.get(FILE, "")
    return _of_file(Path(named).expanduser(), variables.get("AWS_PROFILE", "") or "default") if named else None


def _of_file(path: Path, profile: str) -> Keys:
    try:
        with path.open("rb") as f:  # opened first, then looked at: what is checked is what is read
            mode = stat.S_IMODE(os.fstat(f.fileno()).st_mode)
            if mode & (stat.S_IRWXG | stat.S_IRWXO):
                raise EngineError(f"密钥文件 {path} 别人也能读（权限 {mode:04o}）；请执行 chmod 600 {path} 后重试。")
            text = f.read(65536).decode("utf-8")
        parsed = configparser.RawConfigParser()
        parsed.read_string(text)
        section = parsed[profile]
        return Keys(
            section["aws_access_key_id"], section["aws_secret_access_key"], section.get("aws_session_token", "")
        )
    except OSError as e:
        raise EngineError(f"密钥文件 {path} 打不开（{e.strerror}）；请检查 {FILE}、属主和权限。") from None
    except (configparser.Error, KeyError, UnicodeDecodeError):
        raise EngineError(
            f"密钥文件 {path} 里没有 [{profile}] 的 aws_access_key_id 和 aws_secret_access_key；请补上。"
        ) from None


def secret_statement(url: str, environment: Mapping[str, str] | None = None) -> str:
    """The statement that lets DuckDB use the bucket of a place, and no other. Raises EngineError."""
    variables = os.environ if environment is None else environment
    bucket = url.removeprefix(PREFIX).split("/", 1)[0]
    if not bucket:
        raise EngineError(f"存放处 {url} 里没有存储桶的名字；应为 s3://存储桶/前缀。")
    said = {"TYPE": "s3", "SCOPE": literal(f"{PREFIX}{bucket}")}
    keys = keys_set(variables)
    if keys is not None:
        said |= {"KEY_ID": literal(keys.key_id), "SECRET": literal(keys.secret)}
        if keys.token:
            said["SESSION_TOKEN"] = literal(keys.token)
    region = variables.get("AWS_REGION") or variables.get("AWS_DEFAULT_REGION") or "us-east-1"
    said["REGION"] = literal(region)
    endpoint = variables.get("AWS_ENDPOINT_URL_S3") or variables.get("AWS_ENDPOINT_URL")
    if endpoint:
        parts = urlsplit(endpoint)
        if parts.scheme not in ("http", "https") or not parts.netloc or parts.path.strip("/"):
            raise EngineError(f"AWS_ENDPOINT_URL 写得不对（{endpoint}）；应为 https://主机:端口。")
        # Stores of one's own answer under the bucket's path, seldom under a host name of its own.
        said |= {"ENDPOINT": literal(parts.netloc), "URL_STYLE": "'path'"}
        said["USE_SSL"] = "true" if parts.scheme == "https" else "false"
    return f"CREATE OR REPLACE SECRET lake_storage ({', '.join(f'{k} {v}' for k, v in said.items())})"
