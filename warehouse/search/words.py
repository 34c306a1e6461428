"""Chinese text as words that an index can hold, and a reader's question as a question to that index.

Chinese has no spaces, and a dictionary would cut the names of people, companies and projects wrongly. So every
character starts a word of two characters (the last one of a run stands alone), and what is asked for is a phrase of
such words: whatever stands in the text in these characters is found, nothing else. Letters and digits are words as
they stand. Width of characters, case, punctuation and line ends do not matter.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

_HAN = "㐀-䶿一-鿿豈-﫿\U00020000-\U0003ffff〇々"
_RUN = re.compile(rf"[{_HAN}]+|[^\W_{_HAN}]+")
_BROKEN_LINE = re.compile(rf"(?<=[{_HAN}])\s+(?=[{_HAN}])")
_IS_HAN = re.compile(rf"[{_HAN}]")
_BETWEEN = r"[\W_]{0,8}?"
MAX_TERMS = 12
MAX_QUERY = 200


class _Fold(dict[int, str]):
    """One character for one: NFKC and lower case where that is a single character, so that places stay the same."""

    def __missing__(self, code: int) -> str:
        plain = unicodedata.normalize("NFKC", chr(code))
        lowered = plain.lower()
        found = lowered if len(lowered) == 1 else plain if len(plain) == 1 else chr(code)
        self[code] = found
        return found


_FOLD = _Fold()


def fold(text: str) -> str:
    """The text with width and case of characters levelled; as long as it was."""
    return text.translate(_FOLD)


def words_of(text: str) -> str:
    """The words of a text, separated by spaces."""
    return " ".join(_words(_BROKEN_LINE.sub("", fold(text))))


def _words(folded: str) -> Iterator[str]:
    for run in _RUN.findall(folded):
        if _IS_HAN.match(run):
            yield from (run[i : i + 2] for i in range(len(run)))
        else:
            yield run


def terms_of(query: str) -> list[str]:
    """The terms of a question: what stands between spaces, quotation marks kept together."""
    found = re.findall(r"[\"“]([^\"”]*)[\"”]|(\S+)", fold(query[:MAX_QUERY]).replace("　", " "))
    terms = [_BROKEN_LINE.sub("", quoted or bare) for quoted, bare in found]
    return [t for t in terms if _RUN.search(t)][:MAX_TERMS]


def match_of(query: str) -> str:
    """The question in the syntax of SQLite's FTS5: each term a phrase, all of them wanted; empty where none is left."""
    return " AND ".join(_phrase(term) for term in terms_of(query))


def _phrase(term: str) -> str:
    runs = _RUN.findall(term)
    words: list[str] = []
    for number, run in enumerate(runs, 1):
        is_last = number == len(runs)
        if not _IS_HAN.match(run):
            words.append(run)
        elif is_last and len(run) > 1:
            words += [run[i : i + 2] for i in range(len(run) - 1)]
        else:
            words += [run[i : i + 2] for i in range(len(run))]
    last = runs[-1]
    # The text may go on after the last character or in the middle of a number: the beginning of a word will do.
    is_open = len(last) == 1 or not _IS_HAN.match(last)
    return '"' + " ".join(words) + '"' + ("*" if is_open else "")


def pattern_of(query: str) -> re.Pattern[str] | None:
    """What marks the hits in a folded text; None where the question has no term."""
    terms = sorted(set(terms_of(query)), key=len, reverse=True)
    if not terms:
        return None
    parts = []
    for term in terms:
        characters = [re.escape(c) for c in "".join(_RUN.findall(term))]
        parts.append(_BETWEEN.join(characters))
    return re.compile("|".join(parts))
