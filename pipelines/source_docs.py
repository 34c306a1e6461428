"""The tables of keys in docs/sources.md, made from the schema: `python -m pipelines.source_docs` writes them anew."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import msgspec

from pipelines.home import ROOT
from pipelines.source_schema import KINDS, Common, Expectations, Expected, Limits, Select
from pipelines.source_skeletons import default_of, meaning_of

PAGE = ROOT / "docs" / "sources.md"
_BEGIN, _END = "<!-- keys: begin -->", "<!-- keys: end -->"


def tables() -> str:
    """All tables as Markdown: the keys every source has, those of each kind, those of groups."""
    common: Any = msgspec.inspect.type_info(Common)
    known = {f.encode_name for f in common.fields}
    out = ["### Every source", *_table(common.fields)]
    for kind, struct in KINDS.items():
        info: Any = msgspec.inspect.type_info(struct)
        about = " ".join((struct.__doc__ or "").split("\n\n")[0].split())
        out += ["", f"### `kind: {kind}`", "", about, *_table([f for f in info.fields if f.encode_name not in known])]
    for name, group in (("limits", Limits), ("expectations", Expectations), ("select", Select), ("expect", Expected)):
        info = msgspec.inspect.type_info(group)
        out += ["", f"### `{name}`", *_table(info.fields)]
    return "\n".join(out)


def _table(fields: Any) -> list[str]:
    rows = ["", "| key | meaning | default |", "| --- | --- | --- |"]
    for f in fields:
        shown = "required" if f.required else f"`{default_of(f)}`".replace("|", "\\|")
        rows.append(f"| `{f.encode_name}` | {meaning_of(f.type).replace('|', chr(92) + '|')} | {shown} |")
    return rows


def page(text: str) -> str:
    """The page with its tables made anew."""
    return re.sub(f"(?s){_BEGIN}.*{_END}", lambda _: f"{_BEGIN}\n{tables()}\n{_END}", text)


if __name__ == "__main__":
    Path(PAGE).write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
