"""Kinds of words around a figure: each word of lexicon/cues.yml is written as the sign of its kind."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache, lru_cache

import ahocorasick

from extractors.rules import lexicon


@cache
def _kind_words() -> ahocorasick.Automaton:
    found = ahocorasick.Automaton()
    for entry in lexicon.load("cues").values():
        for word in entry.get("words", ()):
            found.add_word(word, (len(word), entry["sign"]))
    found.make_automaton()
    return found


_WORDS = re.compile(r"\(\?:([^][(){}?*+.\\]+)\)(?![?*+{])")


@cache
def _kind_patterns() -> tuple[re.Pattern[str], dict[str, str]]:
    entries = {name: e for name, e in lexicon.load("cues").items() if "patterns" in e}
    groups = [f"(?P<{name}>{'|'.join(map(_guarded, e['patterns']))})" for name, e in entries.items()]
    return re.compile("|".join(groups)), {name: e["sign"] for name, e in entries.items()}


def _guarded(pattern: str) -> str:
    """The same pattern, quicker: before the words of an alternation are tried, the next character must begin one."""
    return _WORDS.sub(lambda m: f"(?=[{''.join(sorted({word[0] for word in m[1].split('|')}))}]){m[0]}", pattern)


@cache
def saying() -> re.Pattern[str]:
    """The signs of kinds that say something of a sum; names, works, times and counts do not."""
    return re.compile(f"[{''.join(e['sign'] for e in lexicon.load('cues').values() if not e.get('is_name'))}]")


@cache
def _sign_of_match() -> Callable[[re.Match[str]], str]:
    signs = _kind_patterns()[1]
    return lambda m: signs[m.lastgroup or ""]


@lru_cache(maxsize=4096)  # the clauses of a sentence are seen by each of its figures
def kinds(words: str) -> str:
    """A text with each word of lexicon/cues.yml written as the sign of its kind."""
    parts: list[str] = []
    at = 0
    for end, (length, sign) in _kind_words().iter_long(words):
        parts += (words[at : end - length + 1], sign)
        at = end + 1
    if parts:
        words = "".join(parts) + words[at:]
    return _kind_patterns()[0].sub(_sign_of_match(), words)
