"""What pages say, in Chinese and in English: `words/<area>.yml`, each key with both."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Literal

import yaml

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = ("zh", "en")
FOLDER = Path(__file__).resolve().parent / "words"


@cache
def words() -> dict[str, tuple[str, str]]:
    """Every key, `<area>.<name>`, with its Chinese and English. Raises ValueError for a malformed entry."""
    out: dict[str, tuple[str, str]] = {}
    for path in sorted(FOLDER.glob("*.yml")):
        for name, both in (yaml.safe_load(path.read_text(encoding="utf-8")) or {}).items():
            if not isinstance(both, list) or len(both) != 2 or not all(isinstance(w, str) and w for w in both):
                raise ValueError(f"{path.name}: {name} needs [中文, English]")
            out[f"{path.stem}.{name}"] = (both[0], both[1])
    return out


def translate(language: Language, key: str, **values: object) -> str:
    """The words of a key, `{name}` filled in. Raises KeyError for an unknown key: a page must not show a bare one."""
    text = words()[key][0 if language == "zh" else 1]
    return text.format(**values) if values else text
