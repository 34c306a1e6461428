"""What a source's YAML expects of a normal night, held against what came. A breach is told; it stops nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pipelines.source_schema import Source

if TYPE_CHECKING:
    from pipelines.intake import Taken


def breaches(source: Source, files: Sequence[Taken]) -> list[str]:
    """Sentences about what is not as expected, in the order of the keys."""
    expected = source.expectations
    seen = [f for f in files if f.change != "ignored"]
    out = []
    if expected.min_files is not None and len(seen) < expected.min_files:
        out.append(f"只有 {len(seen)} 个文件，预期至少 {expected.min_files} 个，请核对是否漏放")
    if expected.max_files is not None and len(seen) > expected.max_files:
        out.append(f"有 {len(seen)} 个文件，预期至多 {expected.max_files} 个，请核对是否放错")
    if expected.min_bytes is not None:
        small = [f.path for f in seen if f.size < expected.min_bytes]
        if small:
            out.append(f"{len(small)} 个文件不足 {expected.min_bytes} 字节（如“{small[0]}”），请核对是否传坏")
    if expected.endings is not None:
        odd = [f.path for f in seen if not f.path.lower().endswith(tuple(e.lower() for e in expected.endings))]
        if odd:
            out.append(f"{len(odd)} 个文件的类型不在预期之内（如“{odd[0]}”），请核对来源")
    return out
