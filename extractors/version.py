"""The extractor version: a digest over everything in this package that can change a result.

Work is skipped by content hash × extractor version. A version number kept by hand is forgotten; a digest over the
sources and lexicons is not, and costs a few milliseconds once per process.
"""

from __future__ import annotations

import hashlib
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable


@cache
def extractor_version() -> str:
    """Twelve hex digits, the same for the same sources and lexicons on any machine."""
    digest = hashlib.sha256()
    for path, item in sorted(_walk(resources.files("extractors"), "")):
        digest.update(path.encode() + b"\0" + hashlib.sha256(item.read_bytes()).digest())
    return digest.hexdigest()[:12]


def _walk(folder: Traversable, prefix: str) -> list[tuple[str, Traversable]]:
    out: list[tuple[str, Traversable]] = []
    for item in folder.iterdir():
        if item.is_dir():
            if item.name != "__pycache__":
                out += _walk(item, f"{prefix}{item.name}/")
        elif item.name.endswith((".py", ".yml", ".csv", ".json")):
            out.append((prefix + item.name, item))
    return out
