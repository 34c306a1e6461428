"""Page numbers as printed on official papers: `— 1 —` (GB/T 9704-2012, 7.5), 第3页, 第3页 共8页, 3/8, - 3 -."""

from __future__ import annotations

import re

_DASH = r"[-—–―－‐‑−─·•\s]*"
_NUMBER = re.compile(
    rf"{_DASH}(?:第?\s*[0-9０-９]{{1,4}}\s*页?|第\s*[一二三四五六七八九十百]+\s*页|[ivxlIVXL]{{1,6}})"
    rf"(?:\s*[/／,，、]?\s*共?\s*[0-9０-９]{{1,4}}\s*页?)?{_DASH}"
)
_MARKED = re.compile(r"[-—–―－页/／─]")


def is_page_number(text: str) -> bool:
    """True for a line that holds a page number and nothing else (a bare number counts)."""
    bare = text.strip()
    return bool(bare) and len(bare) <= 20 and _NUMBER.fullmatch(bare) is not None


def is_marked_page_number(text: str) -> bool:
    """True for a page number that says so itself, by dashes or words; safe to take out wherever it stands."""
    return is_page_number(text) and _MARKED.search(text) is not None
