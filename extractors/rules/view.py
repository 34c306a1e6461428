"""`View`: the text as rules see it, with an exact map back to `Document.text`.

Matching on raw text fails on full-width digits, half a dozen kinds of bracket and dash, zero-width characters, and
sentences cut by a page break. A view is NFKC-normalised character by character, has single spaces, one paragraph
per line, and lines that belong to one sentence joined. Every character of the view knows the original character
it came from, so that a match is reported with the original's own span.
"""

from __future__ import annotations

import re
import unicodedata
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from functools import cache

from extractors.document import Document

# Zero-width characters, joiners, bidi controls, soft hyphen, BOM: never part of a word, often used to break one.
_DROPPED = frozenset("\u00ad\u034f\u061c\u180e\u200b\u200c\u200d\u200e\u200f\u2028\u2029\ufeff") | frozenset(
    chr(c) for c in (*range(0x202A, 0x202F), *range(0x2060, 0x2070))
)
# What NFKC leaves apart and people do not.
_UNIFIED = str.maketrans(
    {
        "–": "—", "―": "—", "‒": "—", "─": "—", "━": "—", "〜": "~", "∼": "~",
        "﹝": "〔", "﹞": "〕", "〖": "【", "〗": "】",
        "•": "·", "・": "·", "‧": "·",
        "\u00a0": " ", "\u3000": " ", "\x0b": " ", "\x0c": " ",
    }
)  # fmt: skip

TERMINAL = "。；：！？.;:!?…"
_MARKER = re.compile(
    r"(?:[一二三四五六七八九十]{1,3}、|\([一二三四五六七八九十\d]{1,3}\)|\d{1,2}[.、](?!\d)|[①-⑳]"
    r"|第[一二三四五六七八九十]{1,3}(?:阶段|章|条|部分|步)|[一二三四五六七八九十]是)"
)
_LABEL = re.compile(
    r"(?:联系人|联系电话|联系方式|联\s?系\s?人|电话|传真|邮箱|电子邮[箱件]|附\s?件|抄送|抄报|主送|报送|签发人?|签批|发往|等级|主题词|信息公开)\s?[::]"
    r"|附件\d?$|附\s?件[:\d]"
)
_DATE_LINE = re.compile(
    r"[\d〇○零一二三四五六七八九十O]{2,4}\s?年\s?[\d一二三四五六七八九十]{1,3}\s?月(?:\s?[\d一二三四五六七八九十]{1,3}\s?日)?$"
)
_SENTENCE_MARK = re.compile(r"[,。;:]")
# 代字〔年份〕序号号 on a line of its own, its brackets perhaps damaged.
_NUMBER_LINE = re.compile(r"[\u4e00-\u9fa5]{2,20}\s?[〔\[(【]\s?(?:19|20)\d\d.{0,12}号")
# An index field of a web page: 索 引 号：…
_FIELD = re.compile(r"[\u4e00-\u9fa5](?:\s?[\u4e00-\u9fa5]){1,7}\s?:\s?[^,。;]{1,60}")
_TITLE_END = re.compile(r"(?:通知|通报|函|意见|决定|公告|通告|报告|请示|批复|答复|方案|公示|办法|汇报|简报)$")
_RULED = re.compile(r"[—\-_=*~·.]{4,}")
_ORGAN_LINE = re.compile(r"[^,。;:!?]{4,60}(?:办公室|办公厅|局|厅|委员会|政府|小组|公司|中心|专班|指挥部|联席会议)")


@cache
def _normal(char: str) -> str:
    """One character's normal form; may be empty (dropped) or several characters (…, ㎡)."""
    if char in _DROPPED:
        return ""
    if char in "\n\t":
        return char
    return unicodedata.normalize("NFKC", char.translate(_UNIFIED)).translate(_UNIFIED)


class View:
    """Normalised text and the map back. Offsets of a view are called positions here, those of the source offsets."""

    __slots__ = ("_map", "source", "tables", "text")

    def __init__(self, text: str, mapping: array[int], source: str, tables: tuple[tuple[int, int], ...] = ()) -> None:
        self.text = text
        self.source = source
        self._map = mapping
        self.tables = tables  # positions [start, end) of paragraphs that come from tables

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The source span of `view.text[start:end]`, which must not be empty."""
        if not 0 <= start < end <= len(self.text):
            raise ValueError(f"empty or outside the view: {start}:{end}")
        return self._map[start], self._map[end - 1] + 1

    def offsets(self, start: int, end: int) -> Sequence[int]:
        """The source offset of each character of `view.text[start:end]`."""
        return self._map[start:end]

    def raw(self, start: int, end: int) -> str:
        """The source's own characters under `view.text[start:end]`."""
        a, b = self.span(start, end)
        return self.source[a:b]

    def position(self, offset: int) -> int:
        """The first position whose source character stands at or after `offset`; never the line end before it."""
        at = bisect_left(self._map, offset)
        # A line end of the view is mapped to the first character of the line after it.
        return at + 1 if self.text[at : at + 1] == "\n" and self._map[at + 1 : at + 2] == self._map[at : at + 1] else at

    def in_table(self, position: int) -> bool:
        """Whether a position lies in text that came from a table."""
        return any(a <= position < b for a, b in self.tables)


def of_document(document: Document) -> View:
    """The view of a document's text; text of tables is never joined with its neighbours."""
    return of_text(document.text, [(b.start, b.end) for b in document.blocks if b.kind == "table"])


def of_text(text: str, tables: Iterable[tuple[int, int]] = ()) -> View:
    """The view of a plain text. `tables` are source spans that came from tables."""
    table_spans = sorted(tables)
    out: list[str] = []
    mapping = array("L")
    in_tables: list[tuple[int, int]] = []
    position = 0
    previous = ""  # the paragraph so far, normalised
    previous_table = False
    blank = False
    offset = 0
    span_index = 0
    for line in _narrow(text).split("\n"):
        current, offsets = _line(line, offset)
        while span_index < len(table_spans) and table_spans[span_index][1] <= offset:
            span_index += 1
        is_table = span_index < len(table_spans) and table_spans[span_index][0] < offset + max(len(line), 1)
        offset += len(line) + 1
        if not current:
            blank = True
            continue
        if _RULED.fullmatch(current):
            blank = True  # a printed line
            continue
        if out:
            if not is_table and not previous_table and _continues(previous, current, blank):
                previous += current
            else:
                out.append("\n")
                mapping.append(offsets[0])
                position += 1
                previous = current
        else:
            previous = current
        if is_table:
            in_tables.append((position, position + len(current)))
        out.append(current)
        mapping.extend(offsets)
        position += len(current)
        previous_table, blank = is_table, False
    return View("".join(out), mapping, text, tuple(in_tables))


# Characters that are their own normal form; blanks are none of them.
_PLAIN = re.compile(r"[\u4e00-\u9fff!-~、。《》“”〔〕【】—]+")
# Full-width marks of nearly every paper and their normal form, one character for one.
_WIDE = tuple(zip("，（）：；！？％", ",():;!?%", strict=True))


def _narrow(text: str) -> str:
    """The text with its commonest full-width marks in their normal form, every offset as it was."""
    for wide, char in _WIDE:
        text = text.replace(wide, char)
    return text


_MARKUP = re.compile(r"\s*#{1,6}\s+")


def _line(line: str, offset: int) -> tuple[str, Sequence[int]]:
    """One line's normal characters and their source offsets; outer blanks and heading marks of Markdown left out."""
    if _PLAIN.fullmatch(line):
        return line, range(offset, offset + len(line))
    chars: list[str] = []
    offsets: list[int] = []
    i, n = 0, len(line)
    if m := _MARKUP.match(line):
        i = m.end()
    while i < n:
        m = _PLAIN.match(line, i)
        if m:
            chars.extend(m.group())
            offsets.extend(range(offset + i, offset + m.end()))
            i = m.end()
            continue
        for c in _normal(line[i]):
            if c == " " and (not chars or chars[-1] in " \t"):
                continue
            if c == "\t" and chars and chars[-1] == " ":
                chars.pop()
                offsets.pop()
            chars.append(c)
            offsets.append(offset + i)
        i += 1
    while chars and chars[-1] == " ":
        chars.pop()
        offsets.pop()
    return "".join(chars), offsets


def _continues(previous: str, current: str, blank: bool) -> bool:
    """Whether `current` goes on with the sentence that `previous` left open.

    A blank line between two lines of a sentence is a page break; since it also separates paragraphs, the open
    line must then read like running prose (it has punctuation and is long), not like a title or a signature.
    """
    if "\t" in current or "\t" in previous[-200:]:
        return False
    if _is_closed(previous) or _MARKER.match(current) or _LABEL.match(current) or _LABEL.match(previous):
        return False
    if _DATE_LINE.fullmatch(current) or _DATE_LINE.fullmatch(previous):
        return False
    if current.endswith(":") and len(current) < 80 and "," not in current:
        return False  # the line of addressees after a title
    if _FIELD.fullmatch(current) or _FIELD.fullmatch(previous):
        return False
    if _NUMBER_LINE.match(current) or _NUMBER_LINE.match(previous):
        return False
    if not _SENTENCE_MARK.search(previous) and (
        _TITLE_END.search(previous) or (_ORGAN_LINE.fullmatch(previous) and not _SENTENCE_MARK.search(current))
    ):
        return False  # a title, or a name in a letterhead or signature
    if _MARKER.match(previous) and len(previous) < 40 and "。" not in previous and not previous.endswith(","):
        return False  # a heading on a line of its own
    if blank and _ORGAN_LINE.fullmatch(current):
        return False  # a signature below a last line without its full stop
    if blank:
        return len(previous) >= 25 and _SENTENCE_MARK.search(previous) is not None
    return len(previous) >= 18 or previous.endswith((",", "、"))


def _is_closed(line: str) -> bool:
    """Whether a line ends a sentence, by its mark or by a parenthesis that follows one."""
    last = line[-1]
    if last in TERMINAL:
        return True
    if last in '”"』」':
        return len(line) > 1 and line[-2] in TERMINAL
    if last == ")":
        opening = line.rfind("(")
        return opening <= 0 or line[opening - 1] in TERMINAL
    return False
