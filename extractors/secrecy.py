"""Is this a classified paper? Marks of state secrecy, told apart from words that only speak about secrecy.

A mark is what GB/T 9704-2012, 7.2.2 prescribes: 绝密, 机密 or 秘密 with `★` and a period (`机密★1年`), alone on
a line in the head of the first page; older papers and telegrams have the bare word there; cards, covers and sheets
have it behind `密级`. 保守国家秘密法 art. 31 forbids keeping such a paper on a system like this one, so callers stop
the file as soon as `mark_in` or `mark_in_name` says so. They are told the kind of place only, never the text.

Ordinary uses are no marks: 保密工作, 商业秘密, 不涉及国家秘密, 秘密级文件不得…, a list of the three grades, 密级：公开.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Literal

from extractors.document import Document

Place = Literal["文件名", "文件首页", "页眉或页脚", "正文独立一行", "密级栏", "表格中的密级栏"]

_GRADE = r"(?:绝密|机密|秘密)"
# ★ as written, and as recognition gives it on a scan; only between a grade and a period or at a line's end.
_STAR = r"[★☆✩✭✮⭐🌟*※]"
_READ_AS_STAR = r"[大太女文六尢★☆✩✭✮⭐*※x×#＃k]"
_PERIOD = r"(?:(?:\d{1,3}|[一二三四五六七八九十]{1,3}|[lIo]\d?)(?:年|个月|月|天|日)|长期|启用前|解密时间.{0,16})"
_MARK = rf"(?:国家秘密)?{_GRADE}级?(?:{_STAR}{{1,3}}{_PERIOD}?|{_READ_AS_STAR}{_PERIOD})"
_URGENCY = r"(?:特急|加急|平急|特提|急件|紧急|限时)"
_BESIDE = rf"(?:\d{{1,8}}|第?\d{{1,8}}号?|№\d+|{_URGENCY}|份号[::]?\d*|共\d+份|发电|内部(?:资料|文件)?)"
_FULL = re.compile(rf"^[【\[(〔（]?{_BESIDE}{{0,2}}{_MARK}{_BESIDE}{{0,2}}[】\])〕）]?$")
# With other things on the line (a document number at the far right): the mark stands first, or last behind a gap.
_FIRST = re.compile(rf"^(?:{_BESIDE} *)?(?:国家秘密)?{_GRADE}级?{_STAR}{{1,3}} *(?:{_PERIOD})?(?: |$)")
_LAST = re.compile(rf"(?: {{2,}}|\t){_GRADE}级?{_STAR}{{1,3}} *(?:{_PERIOD})?$")
_BARE = re.compile(rf"^[【\[(〔（]?{_BESIDE}{{0,2}}(?P<grade>{_GRADE})级?{_BESIDE}{{0,1}}[】\])〕）]?$")
_LABEL = re.compile(
    rf"(?:^|[\s|])(?:文件|材料|资料|信息|本件|保密)?密级(?:(?:和|及)保密期限)?(?:为|[::])[\s|]*[【\[(（]?{_GRADE}"
    rf"级?(?:{_STAR}|[】\])）]|[\s|,,;;。]|$)"
)
_LABEL_ONLY = re.compile(r"^(?:文件|材料|资料|信息|保密)?密级(?:(?:和|及)保密期限)?[::]?$")
_VALUE = re.compile(rf"^{_GRADE}级?(?:{_STAR}{{1,3}})?(?:{_PERIOD})?$")
_DECLARED = re.compile(
    rf"(?:本|此)(?:文件|通知|材料|资料|报告|报表|台账|表|件)(?:的?密级)?(?:为|是|属于|系|定为|确定为)(?:国家秘密)?[“\"(（]?{_GRADE}"
    rf"(?:级(?:国家秘密)?)?[”\")）]?(?:文件|材料|事项|级)?[,,。;;\n]"
)
_NAME = re.compile(
    rf"(?:^|[\s_\-—·.、])[【\[(（〔]?{_GRADE}级?{_STAR}|[【\[(（〔]{_GRADE}级?(?:{_STAR}?{_PERIOD})?[】\])）〕]"
    rf"|^{_GRADE}级?(?:[\s_\-—·、+.]|{_PERIOD}|$)|(?:^|[\s_\-—·、])密级[::_\-]?{_GRADE}|[\s_\-—·、]{_GRADE}级?$"
)
_INVISIBLE = re.compile(r"[\u200b-\u200f\u202a-\u202e\u2060-\u2064\u00ad\ufeff]")
_HEAD_LINES = 12  # 份号, 密级, 紧急程度, 发文机关标志, 发文字号, 签发人 and a title of some lines


def mark_in_name(name: str) -> Place | None:
    """`文件名` when a file's name bears a mark: 【机密】…, 秘密★…, 机密-…; not 商业秘密… or 保密…."""
    stem = _plain(name.replace("\\", "/").rsplit("/", 1)[-1])
    stem = re.sub(r"\.[0-9a-z]{1,6}$", "", stem, flags=re.IGNORECASE).strip()
    return "文件名" if _NAME.search(stem) else None


def mark_in(document: Document) -> Place | None:
    """The kind of place where a document bears a mark of state secrecy; None for an ordinary paper."""
    lines = [_plain(line) for line in document.text.split("\n")]
    if (place := _in_lines(lines)) is not None:
        return place
    for head in _heads(document):
        if _bare_in([_plain(line) for line in head]):
            return "文件首页"
    for block in document.blocks:
        if block.kind in ("header", "footer"):
            told = [_plain(line) for line in document.text[block.start : block.end].split("\n")]
            if _bare_in(told):
                return "页眉或页脚"
    if _DECLARED.search("\n".join(lines) + "\n"):
        return "正文独立一行"
    return _in_tables(document)


def _in_lines(lines: list[str]) -> Place | None:
    filled = 0
    for raw in lines:
        line = raw.strip()
        if not line:
            continue
        filled += 1
        tight = line.replace(" ", "").replace("\t", "")
        if _FULL.match(tight) or _FIRST.match(_tight_grade(line)) or _LAST.search(_tight_grade(raw.rstrip())):
            return "文件首页" if filled <= _HEAD_LINES else "正文独立一行"
        if _LABEL.search(_tight_grade(line)) or _LABEL.match(tight):
            return "密级栏"
    return None


def _heads(document: Document) -> list[list[str]]:
    """The first lines of the document and of each of its pages."""
    out = [_first(document.text)]
    seen: set[int] = set()
    for block in document.blocks:
        page = block.anchor.page
        if page is not None and page not in seen and page > 1:
            seen.add(page)
            out.append(_first(document.text[block.start : block.start + 600], 3))
    return out


def _first(text: str, count: int = _HEAD_LINES) -> list[str]:
    found: list[str] = []
    for line in text.split("\n"):
        if line.strip():
            found.append(line)
            if len(found) == count:
                break
    return found


def _bare_in(lines: list[str]) -> bool:
    """A bare grade alone on its line; two different ones are a list of the grades, not a mark."""
    found = {m["grade"] for line in lines if (m := _BARE.match(line.replace(" ", "").replace("\t", "")))}
    return len(found) == 1


def _in_tables(document: Document) -> Place | None:
    """A cell `密级` with a grade in the cell to its right, or a cell that is a whole mark."""
    for table in document.tables:
        cells = {(c.row, c.col): _plain(c.text).replace(" ", "").strip() for c in table.cells}
        for (row, col), text in cells.items():
            if _FULL.match(text):
                return "表格中的密级栏"
            if _LABEL_ONLY.match(text):
                right = next((cells[row, k] for k in range(col + 1, col + 8) if cells.get((row, k))), "")
                if _VALUE.match(right):
                    return "表格中的密级栏"
    return None


def _plain(text: str) -> str:
    """For matching only: compatibility forms, no invisible characters, one kind of space."""
    text = _INVISIBLE.sub("", unicodedata.normalize("NFKC", text))
    return text.replace("\u3000", " ").replace("\u00a0", " ")


def _tight_grade(line: str) -> str:
    """The line with letter-spaced grades and their stars pulled together: `机 密 ★ 1 年` → `机密★1 年`."""
    if "密" not in line:
        return line
    line = re.sub(r"(绝|机|秘) {0,4}密", r"\1密", line)
    line = re.sub(rf"({_GRADE}级?) {{0,3}}({_STAR})", r"\1\2", line)
    return re.sub(r"密 {1,4}级", "密级", line)
