"""The frame of a document: letterhead, number, title, addressees, signature, date (GB/T 9704-2012, parts 7.2 to 7.4).

Works on the outline's paragraphs. Copies from web pages and scans lose and reorder parts, so every element is found
by its own shape and neighbours, never by line number.
"""

from __future__ import annotations

import re

import msgspec

from extractors.circular import masks
from extractors.circular.addressees import HONOURED, NO_ADDRESS, SEATS, is_addressee
from extractors.rules import lexicon
from extractors.rules.numbers import any_integer
from extractors.rules.segment import Outline, Paragraph
from extractors.rules.time import calendar

Span = tuple[int, int]

_HEAD_LINES = 40
_CN = "〇○零一二三四五六七八九十O0"
DATE = re.compile(
    rf"(?P<y>(?:19|20)\d\d|[一二][{_CN}]{{3}})\s?年\s?(?P<m>1[0-2]|0?[1-9]|十[一二]"
    rf"|[一二三四五六七八九十])\s?月\s?(?P<d>3[01]|[12]\d|0?[1-9]|三十一?|二十[一二三四五六七八九]?"
    rf"|十[一二三四五六七八九]?|[一二三四五六七八九])\s?日"
    r"|(?P<y2>(?:19|20)\d\d)(?P<s>[-/.])(?P<m2>1[0-2]|0?[1-9])(?P=s)(?P<d2>3[01]|[12]\d|0?[1-9])(?!\d)"
)
_NOISE = lexicon.compiled(r"(?:<metadata.head_noise>)(?:\s?[::]|\s|$)")
# The head of a series of papers (某市人民政府专题会议纪要 第3期): the title may follow below.
_MASTHEAD = re.compile(r"^(?!.*关于).{0,30}纪\s?要$")
_ADDRESSEES = re.compile(r"(?:各|市|县|省|区|州|有关|驻|直属|中央|自治)[^。;:]{2,200}[、,]")
_FULL_STOP = re.compile(r"[。;!?]")
# Index fields of a web page (索 引 号：…, 名 称：…), letter-spaced or not.
_INDEX = re.compile(r"[\u4e00-\u9fa5](?:\s?[\u4e00-\u9fa5]){1,7}\s?:\s?\S")
# 某市清欠工作专班编 2025年9月18日: the masthead of a series.
_EDITED = re.compile(r"\s?(?:编印|编发|主编|主办|编)$")
# What may stand beside a document's own number: who signs, a telegram's number, a label.
_BESIDE_NUMBER = re.compile(r"签发人|\d|[\u4e00-\u9fa5]{2,8}(?:\s?\d*\s?号)?$|[\u4e00-\u9fa5]{2,4}\s?[::]")
# A date line: nothing more, or the meeting it was read to (——2026年4月29日在市人大常委会第三次会议上).
_DATE_ENDS = re.compile(
    r"(?:公告|发布|公布)?[\s)。]*|\s?在[^,。;]{4,60}?[会议]上(?:[\s)][^,。;]{0,40}|[\u4e00-\u9fa5][^,。;]{3,40})?"
)
_SPACES = re.compile(r"(?<=[\u2010-\uffff()])\s+(?=[\u2010-\uffff(])|(?<=[\u2e80-\uffff])\s+(?=\))")

_BREAK = re.compile(r"(?<=[\u4e00-\u9fa5])\n(?=\d{4}\s?年)")  # 某某局 / 2025年工作总结


def joined(text: str) -> str:
    """A value without the blanks and line ends that layout put between Chinese characters."""
    if len(text.split()) < 2:
        return text.strip()  # no blank inside
    return _SPACES.sub("", _BREAK.sub("", text).replace("\n", " ").replace("\t", " ")).strip()


def to_iso(m: re.Match[str]) -> str | None:
    """The ISO form of a match of `DATE`; None when there is no such day."""
    year = any_integer(m["y"] or m["y2"])
    month, day = any_integer(m["m"] or m["m2"]), any_integer(m["d"] or m["d2"])
    if not year or not month or not day:
        return None
    found = calendar.make_date(year, month, day)
    return found.isoformat() if found else None


class Found(msgspec.Struct, frozen=True, gc=False):
    """A frame element at `start..end` of the view with its value and the rule that found it."""

    start: int
    end: int
    value: str
    rule: str
    flags: tuple[str, ...] = ()


class Frame:
    """Finds the frame elements of one outline; each method answers for one element."""

    def __init__(self, outline: Outline) -> None:
        self.outline = outline
        self.text = outline.view.text
        self.paragraphs = outline.paragraphs
        self.numbers = masks.doc_numbers(self.text)
        self.salutation = self._salutation()
        self.title, self.title_kind = self._title()
        self.date = self._date()

    def line(self, p: Paragraph) -> str:
        """The text of a paragraph."""
        return self.text[p.start : p.end]

    # ---- addressees ------------------------------------------------------------------------------------------------

    def _salutation(self) -> Paragraph | None:
        bad = lexicon.compiled(r"<metadata.not_recipient>")
        for p in self.paragraphs[:_HEAD_LINES]:
            line = self.line(p)
            if p.level or re.match(r"\d{1,2}(?!\d)|\([一二三四五六七八九十\d]{1,3}\)", line):
                return None
            if (
                line.endswith(":")
                and 3 < len(line) <= 400
                and "。" not in line
                and not bad.search(line)
                and not NO_ADDRESS.search(line)
                and not _NOISE.match(line)
            ):
                return p
            if len(line) > 60 and "。" in line:
                return None
        return None

    def recipients(self) -> list[Found]:
        """The addressees of 主送机关, split at 、 and ， outside brackets; 各市、县人民政府 stays whole."""
        p = self.salutation
        if p is None:
            return []
        out: list[Found] = []
        start = self._first_addressee(p).start
        m = HONOURED.match(self.text, start)
        start = m.end() if m is not None else start
        depth = 0
        text = self.text
        stop = p.end - 1
        for i in range(start, p.end):
            c = text[i]
            depth += (c in "(〔《") - (c in ")〕》")
            if (c in "、,;" and depth <= 0) or i == stop:
                piece = text[start:i].strip()
                if i != stop and c == "、" and not is_addressee(piece, text[i + 1 : i + 12]):
                    continue
                if piece and lexicon.compiled(SEATS).fullmatch(piece) is None:
                    begin = start + len(text[start:i]) - len(text[start:i].lstrip())
                    out.append(Found(begin, begin + len(piece), joined(piece), "metadata.recipients"))
                start = i + 1
        return out

    def _first_addressee(self, p: Paragraph) -> Paragraph:
        """The line on which a list of addressees broken over several lines begins."""
        for _ in range(3):
            if p.index == 0:
                break
            above = self.paragraphs[p.index - 1]
            line = self.line(above)
            if (
                not _ADDRESSEES.match(line)
                or _FULL_STOP.search(line)
                or above.kind != "body"
                or title_kind(line) is not None
            ):
                break
            p = above
        return p

    # ---- title -----------------------------------------------------------------------------------------------------

    def _title(self) -> tuple[Found | None, str | None]:
        """The title, joined over its lines, and the word of its kind (通知, 答复 …)."""
        last = self._title_end()
        if last is None:
            return None, None
        ending = title_kind(self.line_without_number(last))
        if ending is None:
            return None, None
        first = last
        for _ in range(4):
            above = first.index - 1
            if above < 0 or not self._is_title_line(self.paragraphs[above], self.paragraphs[first.index]):
                break
            first = self.paragraphs[above]
        start, end = first.start, last.end
        for n in self.numbers:
            if last.start <= n.start < last.end:  # the number stands at the end of the title's own line
                end = n.start
        while end > start and self.text[end - 1] in " (":
            end -= 1
        raw = self.text[start:end]
        return Found(start, end, joined(raw), "metadata.title"), ending

    def line_without_number(self, p: Paragraph) -> str:
        """A paragraph's text up to a document number that was run into it."""
        for n in self.numbers:
            if p.start < n.start < p.end:
                return self.text[p.start : n.start].rstrip(" (")
        return self.line(p)

    def _title_end(self) -> Paragraph | None:
        limit = (
            self._first_addressee(self.salutation).index
            if self.salutation is not None
            else min(_HEAD_LINES, len(self.paragraphs))
        )
        candidates: list[Paragraph] = []
        for p in self.paragraphs[:limit]:
            line = self.line_without_number(p)
            if (
                p.level
                or p.kind in ("date", "label", "table")
                or (len(line) > 70 and _FULL_STOP.search(line))
                or len(line) > 200
            ):
                if candidates or p.level:
                    break
                continue
            if _NOISE.match(line) or _INDEX.match(line) or _FULL_STOP.search(line):
                continue
            alone = len(line) <= 10 and line.replace(" ", "") == title_kind(line)  # 公 示
            if (len(line) >= 3 or alone) and title_kind(line) is not None and not line.startswith(("《", "附件")):
                candidates.append(p)
                if self.salutation is None and not _MASTHEAD.search(line):
                    break
        if not candidates:
            return None
        full = [p for p in candidates if "关于" in self.line(p)]
        return full[-1] if full else candidates[-1]

    def _is_title_line(self, above: Paragraph, current: Paragraph) -> bool:
        """Whether the line above belongs to the same title."""
        line, below = self.line(above), self.line(current)
        if (
            above.kind in ("date", "label", "salutation", "table")
            or above.level
            or _NOISE.match(line)
            or _INDEX.match(line)
        ):
            return False
        if any(above.start <= n.start < above.end for n in self.numbers) or len(line) > 80:
            return False
        if (
            _FULL_STOP.search(line)
            or line.endswith(("文件", ":", ","))
            or (title_kind(line) is not None and not _GOES_ON.match(below))
            or lexicon.compiled(r"(?:<metadata.urgency>|<metadata.secrecy>)$").search(line)
        ):
            return False
        if is_organ(line) and is_organ(below):
            return True  # two organs above 关于…
        about = below.find("关于")
        if about > 3:
            return False  # the line below already begins with its issuer
        if about >= 0:
            return is_organ(line) or "关于" in line
        if _OF_ORGAN.match(below) and is_organ(line):
            return True  # 某某局 / 2025年清欠工作总结; 某某委员会 / 对…建议的答复
        if "关于" in line or (above.index > 0 and self._about_above(above.index)):
            return True
        # 某市清理拖欠企业账款 / 工作情况汇报: a bare kind word cannot be a title alone.
        return (
            len(below) <= 12 and 6 <= len(line) <= 44 and not is_organ(line) and not re.search(r"[:,]|第.{1,4}期", line)
        )

    def _about_above(self, index: int) -> bool:
        return any(
            "关于" in self.line(p) and len(self.line(p)) < 80 for p in self.paragraphs[max(0, index - 2) : index]
        )

    # ---- number ----------------------------------------------------------------------------------------------------

    def doc_number(self) -> Found | None:
        """发文字号: a number that fills its line or ends the title's, before the body begins."""
        limit = self.text.find("。")
        limit = len(self.text) if limit < 0 else limit
        for n in self.numbers:
            if n.start > limit:
                break
            p = self.outline.paragraph_at(n.start)
            before = self.text[p.start : n.start].strip(" (")
            label = re.fullmatch(r"(?:文号|发文字号|发文文号|文\s?号|编号)\s?[::]?", before) is not None
            label = label or re.match(r"等\s?级|签\s?批|紧急程度|密\s?级|发电", before) is not None
            alone = not before or label or is_organ_file(before)
            after = self.text[n.end : p.end].strip(" )")
            if (alone or title_kind(before) is not None) and (
                not after
                or re.match(r"签发人|\d|[\u4e00-\u9fa5]{2,8}(?:\s?\d*\s?号)?$|[\u4e00-\u9fa5]{2,4}\s?[::]", after)
            ):
                if self.text[p.start : n.start].rstrip(" (").endswith("》") or (p.kind == "salutation" and not alone):
                    continue
                flags = ("repaired",) if n.repaired else ()
                return Found(n.start, n.end, n.value, "metadata.doc_number", flags)
        return None

    # ---- date ------------------------------------------------------------------------------------------------------

    def _date(self) -> Found | None:
        """成文日期: a date on a line of its own after the title; else one that ends a signature; else 印发."""
        floor = self.title.start if self.title is not None else 0
        in_head: Found | None = None
        for p in self.paragraphs:
            if p.end - p.start > 80:
                continue
            line = self.line(p)
            m = DATE.search(line)
            if m is None or not _DATE_ENDS.fullmatch(line, m.end()) or (iso := to_iso(m)) is None:
                continue
            before = _EDITED.sub("", line[: m.start()].strip(" (—-"))
            if p.start < floor and not is_organ(before):
                continue  # above the title only the masthead's line counts: 某某办公室 2022年11月9日
            found = Found(p.start + m.start(), p.start + m.end(), iso, "metadata.issued_date")
            if not before or is_organ(before) or re.fullmatch(r"\(?(?:代章|盖章|公章)\)?", before):
                if self._after_body(p):
                    return found
                in_head = in_head or found
        return in_head or self._printed_date()

    def _after_body(self, p: Paragraph) -> bool:
        """Whether something like a body stands before a date line: then it is the signature's, not the headline's."""
        return any("。" in self.line(q) or q.level for q in self.paragraphs[: p.index])

    def _printed_date(self) -> Found | None:
        for m in DATE.finditer(self.text):
            after = self.text[m.end() : m.end() + 3].strip()
            before = self.text[max(0, m.start() - 8) : m.start()].rstrip()
            head = m.start() < 400
            if after.startswith("印发") or (
                head and re.search(r"(?:成文日期|发文日期|制发日期|印发日期|生成日期|签发日期)\s?[::]$", before)
            ):
                iso = to_iso(m)
                if iso:
                    return Found(m.start(), m.end(), iso, "metadata.printed_date", ("printed_date",))
        return None


# A title's last line that only ends it: （2023—2025年）的通知.
_GOES_ON = re.compile(r"(?:\([^()]{2,24}\))?的")
# A title's line that needs the organ above it: what it reports of, or whom it answers.
_OF_ORGAN = re.compile(r"(?:20\d\d|二[〇○零]..)\s?年|(?:对|就)[^。]{4,60}的")


def title_kind(line: str) -> str | None:
    """The kind word a title ends with, looking through a trailing bracket; None when it is no title."""
    bare = re.sub(
        r"(?:\([^()]{1,20}\)|\d{1,2}|[一二三四五六七八九十])$",
        "",
        line.rstrip(" )" if line.count("(") < line.count(")") else " "),
    )
    if " " in bare and len(bare) <= 10:
        bare = bare.replace(" ", "")  # 公 示, 通 知
    if bare.count("《") > bare.count("》"):
        return None  # a title goes on
    m = lexicon.compiled(r"<metadata.title_kinds>$").search(bare)
    return m.group().removeprefix("的") if m else None  # 的说明, 的讲话: only so are they titles


_SEALED = re.compile(r"\((?:代章|盖章|公章|章)\)$")


def is_organ(line: str) -> bool:
    """Whether a short line is the name of an organ or company."""
    bare = _SEALED.sub("", line).strip()
    return (
        2 < len(bare) <= 60
        and not _FULL_STOP.search(bare)
        and "," not in bare
        and ":" not in bare
        and bool(lexicon.compiled(r"<metadata.organ_end>(?:\([^()]{1,20}\))?$").search(bare))
    )


def is_organ_file(line: str) -> bool:
    """A letterhead: 某某办公室文件, or a bare organ."""
    return is_organ(line) or (line.endswith("文件") and is_organ(line[:-2]))
