"""What `qingqian doctor` says of the storages that are set for parts, originals and facts."""

from __future__ import annotations

import os
from typing import Any

from warehouse.far_store import ARCHIVE, HOLDS, PARTS, FarStoreError, store_set


def far_answers() -> list[dict[str, Any]]:
    """Each storage that is set, tried with a small file: `variable`, `answer` (a Chinese sentence), `is_well`.

    A bucket that keeps what is removed is told and works all the same.
    """
    out = []
    for variable in (PARTS, ARCHIVE):
        if os.environ.get(variable, "").strip():
            answer, is_well = _tried(variable)
            out.append({"variable": variable, "answer": answer, "is_well": is_well})
    return out


def versions_kept(url: str) -> str:
    """What is said of a bucket with versioning (decision record 0012: no copy of secret papers)."""
    return (
        f"存放处 {url} 的桶开着版本控制，带国家秘密标志的文件删除后仍留有旧版本；"
        "请关闭版本控制并清除旧版本，或改用没有版本控制的桶"
    )


def _tried(variable: str) -> tuple[str, bool]:
    try:
        store = store_set(variable)
        assert store is not None
        store.try_out()
        keeps = store.keeps_versions()
    except FarStoreError as e:
        return str(e), False
    return f"{HOLDS[variable]}在 {store.url}，写、读、删都可以" + (
        f"；{versions_kept(store.url)}" if keeps else ""
    ), True
