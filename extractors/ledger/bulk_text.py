"""What the distinct texts of a bulk are like, decided once a text instead of once a cell."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from extractors.bulk import Strings
from extractors.ledger.words import plain, word_lists, word_set

_ODD = (
    r"[\s\x{00a0}\x{00ad}\x{0085}\x{1680}\x{180e}\x{2000}-\x{200f}\x{2028}-\x{202f}"
    r"\x{205f}-\x{2064}\x{3000}\x{feff}]|^'"
)
"""Blanks and invisible characters that tidying changes, and the apostrophe that marks a number as text."""
_VARIANT = r"[\x{2e80}-\x{2fdf}\x{3200}-\x{33ff}\x{f900}-\x{faff}\x{fe30}-\x{fe4f}\x{2f800}-\x{2fa1f}]"
"""Characters that stand for ordinary ideographs or signs after normalisation."""
_NUMERIC = r"^-?[0-9]+(\.[0-9]+)?$"
_WRITTEN = r"^(0|[1-9][0-9]{0,14})(\.[0-9]{1,6})?$"
_SECTION = r"^[(（]?[一二三四五六七八九十]{1,3}(?:[)）]|[、.．]|$)"
_SEVERAL_CREDITORS = r"[、;；,，]"
_SEVERAL_CONTRACTS = r"合同|[①②、;；,，]"
_AT_ONCE = 1 << 18


class TextTraits:
    """Masks over all texts of a bulk. A mask may hold too many texts, never too few: rows with them are read singly."""

    def __init__(self, strings: Strings) -> None:
        self.array = strings.array

    def _words(self) -> Iterator[tuple[Any, Any]]:
        """(which texts are no plain numbers, those texts), a stretch at a time: only they can mean anything."""
        for start, texts in self._stretches():
            at = np.flatnonzero(~self.numeric[start : start + len(texts)])
            if len(at):
                yield at + start, texts.take(pa.array(at))

    def _stretches(self) -> Iterator[tuple[int, Any]]:
        """(where it begins, texts) of stretches of the texts: a copy of them all would cost as much as the file."""
        for start in range(0, len(self.array), _AT_ONCE):
            yield start, self.array.slice(start, _AT_ONCE)

    def _match(self, pattern: str) -> Any:
        out = np.zeros(len(self.array), bool)
        for at, texts in self._words():
            out[at] = pc.match_substring_regex(texts, pattern).to_numpy(zero_copy_only=False)
        return out

    @cached_property
    def odd(self) -> Any:
        """Texts that tidying or normalising would change."""
        return self._match(_ODD) | self._match(_VARIANT)

    @cached_property
    def blank(self) -> Any:
        """Texts that may stand for 'nothing here'."""
        return self._short(word_set("blank"))

    @cached_property
    def repeat(self) -> Any:
        """Texts that may stand for 'as above'."""
        return self._short(word_set("repeat"))

    def _short(self, words: frozenset[str]) -> Any:
        out = self.odd.copy()
        longest = max(map(len, words)) + 1
        for at, texts in self._words():
            length = pc.utf8_length(texts).to_numpy(zero_copy_only=False)
            short = (length <= longest) & ~out[at] & ~self.digits[at]
            listed = texts.filter(pa.array(short)).to_pylist()
            out[at[short][[plain(t) in words for t in listed]]] = True
        return out

    def among(self, words: frozenset[str]) -> Any:
        """Texts that are one of some words in normal form, digits or not."""
        out = self.odd.copy()
        longest = max(map(len, words))
        for start, texts in self._stretches():
            length = pc.utf8_length(texts).to_numpy(zero_copy_only=False)
            at = np.flatnonzero((length <= longest) & ~out[start : start + len(texts)])
            listed = texts.take(pa.array(at)).to_pylist()
            out[start + at[[plain(t) in words for t in listed]]] = True
        return out

    @cached_property
    def total(self) -> Any:
        """Texts that may label a total."""
        words = {*word_set("totals", "whole"), *word_set("totals", "part"), *word_set("totals", "places")}
        words |= {*word_lists("totals")["suffix"], "合计", "总计", "小计", "共计", "其中"}
        return self._match("|".join(map(re.escape, sorted(words)))) | self.odd

    @cached_property
    def section(self) -> Any:
        """Texts that may head a section: 一、…, （二）…."""
        return self._match(_SECTION) | self.odd

    @cached_property
    def digits(self) -> Any:
        """Texts with a digit."""
        return self._match("[0-9０-９]") | self.odd | self.numeric

    @cached_property
    def numeric(self) -> Any:
        """Texts that are certainly a number."""
        return self._all(_NUMERIC)

    @cached_property
    def whole(self) -> Any:
        """Texts that are digits only."""
        return self._all("^[0-9]+$")

    def _all(self, pattern: str) -> Any:
        if not len(self.array):
            return np.zeros(0, bool)
        return pc.match_substring_regex(self.array, pattern).to_numpy(zero_copy_only=False)

    @cached_property
    def creditors(self) -> Any:
        """Texts that may name several companies."""
        return self._match(_SEVERAL_CREDITORS) | self.odd

    @cached_property
    def contracts(self) -> Any:
        """Texts that may name several contracts."""
        return self._match(_SEVERAL_CONTRACTS) | self.odd

    @cached_property
    def written(self) -> tuple[Any, Any, Any]:
        """(is one, digits as a number, decimal places) of texts that are a plain amount: 12345.60."""
        is_one = self._all(_WRITTEN)
        payload = np.zeros(len(is_one), np.int64)
        places = np.zeros(len(is_one), np.int8)
        for start, stretch in self._stretches():
            at = np.flatnonzero(is_one[start : start + len(stretch)])
            if not len(at):
                continue
            texts = stretch.take(pa.array(at))  # in which every digit and the point is one byte
            at += start
            dot = pc.find_substring(texts, ".").to_numpy(zero_copy_only=False)
            length = pc.binary_length(texts).to_numpy(zero_copy_only=False)
            places[at] = np.where(dot >= 0, length - dot - 1, 0)
            digits = pc.replace_substring(texts, ".", "")
            fits = pc.binary_length(digits).to_numpy(zero_copy_only=False) <= 15
            payload[at[fits]] = pc.cast(digits.filter(pa.array(fits)), pa.int64()).to_numpy(zero_copy_only=False)
            is_one[at[~fits]] = False
        return is_one, payload, places
