"""Secrets: from an environment variable or a file that only its owner can read. Never logged, never in the YAML."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from pipelines.source_schema import Secret, SourceError


def reveal(secret: Secret, source: str, what: str) -> str:
    """The secret's value. Raises SourceError naming the source, what it is for and what to do, never the value."""
    if (secret.env is None) == (secret.file is None):
        raise SourceError(f"来源“{source}”的{what}要用 env 或 file 之一给出（只给一个）；请改它的 YAML")
    if secret.env is not None:
        value = os.environ.get(secret.env, "")
        if not value:
            raise SourceError(f"来源“{source}”的{what}应在环境变量 {secret.env} 中，但没有设置它；请设置后重试")
        return value
    assert secret.file is not None
    path = Path(secret.file).expanduser()
    try:
        # opened first, then looked at: what is checked is what is read
        with path.open("rb") as f:
            found = os.fstat(f.fileno())
            if found.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
                mode = stat.S_IMODE(found.st_mode)
                raise SourceError(
                    f"来源“{source}”的{what}文件 {path} 别人也能读（权限 {mode:04o}）；请执行 chmod 600 {path} 后重试"
                )
            value = f.read(65536).decode("utf-8").strip("\r\n")
    except FileNotFoundError:
        raise SourceError(f"来源“{source}”的{what}文件 {path} 不存在；请新建它并设权限 0600") from None
    except UnicodeDecodeError:
        raise SourceError(f"来源“{source}”的{what}文件 {path} 不是 UTF-8 文本；请重写该文件") from None
    except OSError as e:
        raise SourceError(f"来源“{source}”的{what}文件 {path} 打不开（{e.strerror}）；请检查属主和权限") from None
    if not value:
        raise SourceError(f"来源“{source}”的{what}文件 {path} 是空的；请写入内容")
    return value
