"""Word lists: YAML files under `extractors/lexicon/`, read once, offered as tuples and as regex alternations.

A file maps a list's name to its words (`limit: [之前, 以前, 前]`). A wording is added by adding a word there. In
rule patterns `<file.list>` stands for the alternation of that list, longest word first.
"""

from __future__ import annotations

import re
from functools import cache
from importlib import resources
from typing import Any

import yaml

_PLACEHOLDER = re.compile(r"<([a-z][a-z_]*)\.([a-z][a-z0-9_]*)>")


@cache
def load(file: str) -> dict[str, Any]:
    """The parsed lexicon `file`.yml. Raises FileNotFoundError when there is none, ValueError when it is no mapping."""
    raw = resources.files("extractors").joinpath("lexicon", f"{file}.yml").read_text(encoding="utf-8")
    content = yaml.load(raw, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 (safe loaders both)
    if not isinstance(content, dict):
        raise ValueError(f"lexicon {file}.yml must map names to lists")
    return content


@cache
def words(file: str, name: str) -> tuple[str, ...]:
    """The words of one list, as written. Raises KeyError for an unknown list, ValueError for an empty one."""
    entries = load(file)[name]
    out = tuple(str(w) for w in entries)
    if not out:
        raise ValueError(f"lexicon list {file}.{name} is empty")
    return out


@cache
def table(file: str, name: str) -> dict[str, Any]:
    """A list given as a mapping word → value. Raises KeyError for an unknown list."""
    entries = load(file)[name]
    return {str(k): v for k, v in entries.items()}


@cache
def alternation(file: str, name: str) -> str:
    """A regex group matching any word of a list, longest first."""
    entries = sorted(words(file, name), key=lambda w: (-len(w), w))
    return "(?:" + "|".join(re.escape(w) for w in entries) + ")"


def expand(pattern: str) -> str:
    """A pattern with each `<file.list>` replaced by its alternation."""
    return _PLACEHOLDER.sub(lambda m: alternation(m.group(1), m.group(2)), pattern)


@cache
def compiled(pattern: str) -> re.Pattern[str]:
    """`expand` and compile, once per pattern."""
    return re.compile(expand(pattern))
