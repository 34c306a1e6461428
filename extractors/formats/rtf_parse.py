"""RTF 1.9.1 as lines of paragraphs, cells and rows, revisions accepted; no recursion, so nesting costs nothing.

A context is a stream of lines of its own: the body, a header, a footnote, a text box. The document's own numbers stand
in the file as text (`listtext`), so that 一、 is read as it was drawn.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import msgspec

from extractors.formats import limits
from extractors.formats.doc_word import whole
from extractors.formats.flow import CellFormat, Line
from extractors.formats.rtf_state import Context, Group, Parsed
from extractors.formats.rtf_words import CHARACTERS, CHARSETS, ENTERED, SKIPPED, SYMBOLS, codec_of, decoded

_TOKEN = re.compile(
    r"\\([a-zA-Z]{1,32})(-?\d{1,10})? ?|\\'([0-9a-fA-F]{2})|\\([^a-zA-Z])|([{}])|[\r\n]+|([^\\{}\r\n]+)", re.DOTALL
)
_FONT = re.compile(r"\\f(\d{1,5})(?![^;{}]*\\f\d)[^;{}]*?\\fcharset(\d{1,3})")
_HEADS = {"header": "header", "headerl": "header", "headerr": "header", "headerf": "header"}
_CONTEXTS = {
    **_HEADS,
    **{name.replace("head", "foot"): "footer" for name in _HEADS},
    "footnote": "note",
    "annotation": "comment",
    "shptxt": "box",
    "dptxbxtext": "box",
}


class Parser:
    """One pass over the file."""

    def __init__(self, data: bytes) -> None:
        self._text = data.decode("latin-1")
        self._default = "cp1252"
        self._fonts: dict[str, str] = {}
        self._stack: list[Group] = []
        self._group = Group()
        self._context = Context()
        self._outer: list[Context] = []
        self._raw = bytearray()
        self._skip_next = 0
        self._at = 0  # behind the token being read
        self._goal = [0, 0]
        self.out = Parsed()
        self._words: dict[str, Callable[[int | None], None]] = {
            "ansicpg": self._page, "par": self._par, "sect": self._par, "page": self._par, "cell": self._cell,
            "nestcell": self._cell, "row": self._row, "nestrow": self._nestrow, "pard": self._pard,
            "plain": self._plain, "intbl": self._intbl, "itap": self._itap, "trowd": self._trowd, "trleft": self._left,
            "cellx": self._cellx, "u": self._unicode, "uc": self._uc, "f": self._font, "v": self._hide,
            "deleted": self._delete, "outlinelevel": self._outline, "ls": self._list, "picwgoal": self._width,
            "pichgoal": self._height, "clmgf": self._first_across, "clmrg": self._across, "clvmgf": self._first_down,
            "clvmrg": self._down,
        }  # fmt: skip

    def parse(self) -> Parsed:
        """Reads the whole file; never raises for what the file says."""
        start = self._text.find("{\\fonttbl")
        for number, charset in _FONT.findall(self._text[start : start + limits.MAX_RTF_FONTS] if start >= 0 else ""):
            codec = CHARSETS.get(int(charset))
            if codec:
                self._fonts.setdefault(number, codec)
        at, text = 0, self._text
        depth = 0
        while at < len(text):
            match = _TOKEN.match(text, at)
            if match is None:  # a lone backslash at the end
                at = len(text)
                break
            at = self._at = match.end()
            word, number, code, symbol, brace, plain = match.groups()
            if brace == "{":
                depth += 1
                self._open()
            elif brace:
                depth -= 1
                self._close()
                if depth <= 0:
                    break
            elif word == "bin":
                at += max(int(number or 0), 0)
            elif self._group.skip and word is None:
                continue
            elif word is not None:
                self._word(word, None if number is None else int(number))
            elif code is not None:
                self._byte(int(code, 16))
            elif symbol is not None:
                self._symbol(symbol)
            elif plain is not None:
                self._plain_text(plain)
        self.out.unclosed = depth > 0
        self.out.trailing = len(text[at:].strip("\0 \r\n}"))
        while self._stack:
            self._close()
        self._flush()
        if self._context.out:
            self._end_line()
        self.out.body = self._context.lines
        return self.out

    # --- groups
    def _open(self) -> None:
        self._flush()
        self._stack.append(self._group)
        old = self._group
        self._group = Group(
            skip=old.skip or old.first_of_upr,
            in_label=old.in_label,
            unicode_skip=old.unicode_skip,
            font=old.font,
            hidden=old.hidden,
            deleted=old.deleted,
        )
        old.first_of_upr = False
        self._skip_next = 0

    def _close(self) -> None:
        self._flush()
        self._skip_next = 0
        if not self._stack:
            return
        done = self._group
        self._group = self._stack.pop()
        if done.name == "pict":
            self.out.pictures += 1
            self.out.large_pictures += min(self._goal) >= limits.LARGE_PICTURE_TWIPS
            self._goal = [0, 0]
        if not done.opens:
            return
        if self._context.out:
            self._end_line()
        lines = self._context.lines
        self._context = self._outer.pop()
        if done.opens == "box":
            self._context.boxes.extend(lines)
        elif done.opens == "comment":
            self.out.comments += 1
        else:
            {"header": self.out.heads, "footer": self.out.feet, "note": self.out.notes}[done.opens].append(lines)

    def _word(self, word: str, number: int | None) -> None:
        group = self._group
        if group.starred:
            group.starred = False
            if word == "objdata" and not group.skip:
                self.out.objects.append(self._hex())
            if word not in ENTERED and word not in _CONTEXTS:
                group.skip = True
                return
        if group.skip:
            if word == "ud":
                group.skip = bool(self._stack and self._stack[-1].skip)
            elif group.name == "pict" and word in ("picwgoal", "pichgoal"):
                self._words[word](number)
            return
        action = self._words.get(word)
        if action is not None:
            if word not in ("u", "uc"):
                self._flush()
            action(number)
        elif word in CHARACTERS:
            self._flush()
            self._add(CHARACTERS[word])
        elif word in SKIPPED:
            self._flush()
            group.skip = True
            group.name = word
            if word == "objdata":
                self.out.objects.append(self._hex())
        elif word in _CONTEXTS:
            self._flush()
            group.opens = _CONTEXTS[word]
            self._outer.append(self._context)
            self._context = Context()
        elif word in ("listtext", "pntext"):
            group.in_label = True
        elif word == "upr":
            group.first_of_upr = True
        elif word in ("info", "author", "title"):
            group.skip = word != "title"
            if word == "info":
                self._title()

    def _hex(self) -> bytes:
        """The hexadecimal digits from here to the end of the group."""
        end = self._text.find("}", self._at)
        digits = re.sub(r"[^0-9a-fA-F]", "", self._text[self._at : end if end >= 0 else len(self._text)])
        return bytes.fromhex(digits[: len(digits) & ~1])

    def _title(self) -> None:
        found = re.compile(r"\{\\title\s?((?:[^{}\\]|\\'[0-9a-fA-F]{2}|\\u-?\d+ ?\??)*)\}").search(self._text)
        if found is not None:
            raw = re.sub(r"\\'([0-9a-fA-F]{2})", lambda m: chr(int(m.group(1), 16)), found.group(1))
            if "\\u" not in raw:
                self.out.title.append(decoded(raw.encode("latin-1"), None, self._default))

    # --- characters
    def _symbol(self, symbol: str) -> None:
        if symbol == "*":
            self._group.starred = True
        elif symbol in "\r\n":
            self._flush()
            self._par(None)
        elif symbol == "\t":
            self._plain_text("\t")
        elif self._skip_next:
            self._skip_next -= 1
        elif symbol in "{}\\":
            self._raw += symbol.encode()
        elif symbol in SYMBOLS:
            self._flush()
            self._add(SYMBOLS[symbol])

    def _plain_text(self, text: str) -> None:
        if self._skip_next:
            cut = min(self._skip_next, len(text))
            self._skip_next -= cut
            text = text[cut:]
        self._raw += text.encode("latin-1")

    def _byte(self, value: int) -> None:
        if self._skip_next:
            self._skip_next -= 1
        else:
            self._raw.append(value)

    def _unicode(self, number: int | None) -> None:
        self._flush()
        self._skip_next = self._group.unicode_skip
        if number is not None and -0x10000 < number < 0x10000:
            self._add(chr(number & 0xFFFF))

    def _flush(self) -> None:
        if self._raw:
            raw = bytes(self._raw)
            self._raw.clear()
            self._add(decoded(raw, self._group.font, self._default))

    def _add(self, text: str) -> None:
        group = self._group
        if group.skip or not text:
            return
        if group.deleted:
            self.out.deleted += len("".join(text.split()))
        elif group.in_label:
            self._context.label.append(text)
        else:
            bare = len("".join(text.split()))
            self.out.hidden += bare if group.hidden else 0
            self.out.characters += bare
            self._context.out.append(text)

    # --- paragraphs and rows
    def _depth(self, *, cell: bool = False) -> int:
        context = self._context
        if context.depth is not None:
            return max(context.depth, 1) if cell or context.in_table else context.depth
        return 1 if context.in_table or cell else 0

    def _end_line(self, *, cell: bool = False) -> None:
        context = self._context
        text = whole("".join(context.out))
        label = whole("".join(context.label)).strip()
        context.out, context.label = [], []
        if label and text.strip() and any(c.isalnum() for c in label):
            self.out.characters += len("".join(label.split()))
            text = label + text.lstrip()
        elif context.list_id and not label and text.strip():
            self.out.unnumbered += 1
        depth = self._depth(cell=cell)
        line = Line(text=text, depth=depth, ends_cell=cell, heading=context.outline < 9 and not depth)
        boxes = [msgspec.structs.replace(b, depth=b.depth + depth) for b in context.boxes]
        context.boxes = []
        if depth:  # a box in a cell belongs to the cell, which ends with this line
            context.lines.extend(boxes)
            context.lines.append(line)
        else:
            context.lines.append(line)
            context.lines.extend(boxes)

    def _par(self, number: int | None) -> None:
        self._end_line()

    def _cell(self, number: int | None) -> None:
        self._end_line(cell=True)

    def _row(self, number: int | None) -> None:
        self._end_row(1)

    def _nestrow(self, number: int | None) -> None:
        self._end_row(max(self._depth(), 2))

    def _end_row(self, depth: int) -> None:
        context = self._context
        if "".join(context.out).strip():
            self._end_line(cell=True)
        context.out = []
        context.lines.append(Line(text="", depth=depth, ends_row=True, cells=list(context.rows.get(0, []))))

    def _pard(self, number: int | None) -> None:
        context = self._context
        context.in_table, context.depth, context.outline, context.list_id = False, None, 9, 0

    def _plain(self, number: int | None) -> None:
        self._group.hidden = self._group.deleted = False
        self._group.font = None

    def _intbl(self, number: int | None) -> None:
        self._context.in_table = True

    def _itap(self, number: int | None) -> None:
        self._context.depth = max(number or 0, 0)

    def _trowd(self, number: int | None) -> None:
        context = self._context
        context.rows = {0: []}
        context.merge = CellFormat(left=0, right=0)
        context.left = 0

    def _left(self, number: int | None) -> None:
        self._context.left = number or 0

    def _cellx(self, number: int | None) -> None:
        context = self._context
        row = context.rows.setdefault(0, [])
        if len(row) < limits.MAX_SHEET_COLS:
            left = row[-1].right if row else context.left
            its = context.merge
            row.append(CellFormat(left=left, right=max(number or 0, left), across=its.across, down=its.down))
        context.merge = CellFormat(left=0, right=0)

    def _first_across(self, number: int | None) -> None:
        self._context.merge.across = "restart"

    def _across(self, number: int | None) -> None:
        self._context.merge.across = "continue"

    def _first_down(self, number: int | None) -> None:
        self._context.merge.down = "restart"

    def _down(self, number: int | None) -> None:
        self._context.merge.down = "continue"

    # --- properties
    def _page(self, number: int | None) -> None:
        self._default = codec_of(number or 936)

    def _uc(self, number: int | None) -> None:
        self._group.unicode_skip = min(max(number or 0, 0), 8)

    def _font(self, number: int | None) -> None:
        self._group.font = self._fonts.get(str(number))

    def _hide(self, number: int | None) -> None:
        self._group.hidden = number != 0

    def _delete(self, number: int | None) -> None:
        self._group.deleted = number != 0

    def _outline(self, number: int | None) -> None:
        self._context.outline = 9 if number is None else number

    def _list(self, number: int | None) -> None:
        self._context.list_id = number or 0

    def _width(self, number: int | None) -> None:
        self._goal[0] = number or 0

    def _height(self, number: int | None) -> None:
        self._goal[1] = number or 0
