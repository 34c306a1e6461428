"""Who issued a document: the signature above the date, else the title's own head, the letterhead, the first subject.

A seal fragment (任(代章)) or a bracket 代章 between name and date belongs to neither; a name broken over two lines is
joined; several signing organs are kept in order, joined by 、.
"""

from __future__ import annotations

import re

from extractors.circular.frame import Found, Frame, is_organ, joined
from extractors.rules import lexicon
from extractors.rules.segment import Paragraph

_SEAL = re.compile(r".{0,2}\((?:代章|盖章|公章|印章|章)\)")
_FOR_SEAL = re.compile(r"[(（][^()（）]{1,24}代章[)）]$")  # （县科工局代章）: who lent the seal
_SEALED = re.compile(r"\s*\((?:代章|盖章|公章|印章|章)\)$")
_SUBJECT = re.compile(
    r"(?P<unit>[\u4e00-\u9fa5、()]{4,60}?)(?:按照|根据|认真|坚持|高度重视|组织|召开|积极|深入|严格|紧紧|紧扣|聚焦"
    r"|立足|全面|扎实|持续|始终|多措并举|印发|以习近平|为深入|结合)"
)


def find_issuer(frame: Frame) -> Found | None:
    """The issuing organ with the rule that found it; None when nothing in the text says."""
    return (
        _signature(frame)
        or _title_head(frame)
        or _last_line(frame)
        or _letterhead(frame)
        or _labelled(frame)
        or _first_subject(frame)
    )


def _signature(frame: Frame) -> Found | None:
    """The lines right above the date, or the name on the date's own line."""
    date = frame.date
    if date is None or date.rule not in ("metadata.issued_date", "metadata.printed_date"):
        return None
    p = frame.outline.paragraph_at(date.start)
    own = frame.text[p.start : date.start].rstrip(" (")
    if is_organ(own):
        return Found(p.start, p.start + len(own), joined(own), "metadata.issuer_signature")
    if date.rule != "metadata.issued_date":
        return None
    lines: list[Paragraph] = []
    for q in reversed(frame.paragraphs[max(0, p.index - 5) : p.index]):
        line = _unsealed(frame.line(q))
        if _SEAL.fullmatch(line):
            continue
        if not _is_name_part(frame, q, line):
            break
        if lines and not is_organ(line) and _complete(frame, lines[0]) and (len(line) < 6 or not _reads_on(line)):
            break  # a line above a complete name belongs to it only when it reads on into it
        lines.insert(0, q)
    if not lines or not is_organ(_unsealed(frame.line(lines[-1]))):
        return None
    return _assemble(frame, lines)


def _unsealed(line: str) -> str:
    """A signature without the bracket behind it that stands for a seal: 某某中心（代章）."""
    bare = _SEALED.sub("", line)
    return bare if is_organ(bare) else line


def _last_line(frame: Frame) -> Found | None:
    """The organ that stands alone under the body, where the date is under the title instead."""
    for p in reversed(frame.paragraphs[-6:]):
        line = _unsealed(frame.line(p))
        if p.kind in ("label", "date") or re.match(r"抄\s?送|印\s?发|附\s?件|\(", line):
            continue
        if is_organ(line) and any("。" in frame.line(q) for q in frame.paragraphs[: p.index]):
            return Found(p.start, p.end, joined(line), "metadata.issuer_last_line")
        return None
    return None


def _is_name_part(frame: Frame, q: Paragraph, line: str) -> bool:
    title = frame.title
    if q.level or q.kind in ("label", "salutation", "date", "table") or len(line) > 60 or len(line) < 3:
        return False
    if title is not None and title.start <= q.start < title.end:
        return False
    return not re.search(r"[。;:!?,《》]", line) and title_like(line) is False


def title_like(line: str) -> bool:
    """A line about something (关于…) is no name."""
    return "关于" in line or "附件" in line or "特此" in line


def _complete(frame: Frame, q: Paragraph) -> bool:
    return is_organ(_unsealed(frame.line(q)))


def _reads_on(line: str) -> bool:
    """Whether a line without an organ's ending looks like the head of a long name: it starts with a place or body."""
    return bool(re.search(r"[省市县区州旗]|中小企业|工作|领导|清理|促进|减轻", line))


def _assemble(frame: Frame, lines: list[Paragraph]) -> Found:
    names: list[str] = []
    head = ""
    for q in lines:
        line = _unsealed(frame.line(q))
        line = _SEAL.sub("", line) if _SEAL.search(line) else line
        parts = line.split()
        if not head and len(parts) > 1 and all(is_organ(part) for part in parts):
            names += parts  # several organs side by side
            continue
        head += line
        if is_organ(line):
            names.append(joined(head))
            head = ""
    names = [_FOR_SEAL.sub("", n) for n in names]
    start, end = lines[0].start, lines[-1].end
    return Found(start, end, "、".join(names), "metadata.issuer_signature")


def _title_head(frame: Frame) -> Found | None:
    """某某办公室关于…的通知: what stands before 关于."""
    title = frame.title
    if title is None:
        return None
    raw = frame.text[title.start : title.end]
    at = raw.find("关于")
    if at < 4:
        return None
    head = raw[:at].rstrip()
    value = joined(head)
    if not is_organ(value):
        return None
    return Found(title.start, title.start + len(head), value, "metadata.issuer_title")


def _letterhead(frame: Frame) -> Found | None:
    """某某局文件, or an organ alone on one of the first lines."""
    for p in frame.paragraphs[:8]:
        line = frame.line(p)
        bare = line[:-2] if line.endswith("文件") else line
        if frame.title is not None and p.start >= frame.title.start:
            break
        if is_organ(bare):
            return Found(p.start, p.start + len(bare), joined(bare), "metadata.issuer_letterhead")
    return None


def _labelled(frame: Frame) -> Found | None:
    m = re.search(r"(?:发文机关|发文单位|发布机构|制发机关)\s?[::]\s?(?P<unit>[^\s:,。;]{3,40})", frame.text[:1500])
    if m is None:
        m = _MASTHEAD.search(frame.text, 0, 1500)
        if m is None or not is_organ(m["unit"]):
            return None
    return Found(m.start("unit"), m.end("unit"), m["unit"], "metadata.issuer_label")


# 某市清欠工作专班编 2025年9月18日, on a line of its own.
_MASTHEAD = re.compile(
    r"^(?P<unit>[\u4e00-\u9fff()]{4,40}?)\s?(?:编印|编发|主编|主办|编)\s*(?=(?:19|20)\d\d年\d{1,2}月\d{1,2}日\s*$)",
    re.M,
)


def _first_subject(frame: Frame) -> Found | None:
    """A report in newspaper style: the subject of its first sentence."""
    if frame.salutation is not None:
        return None
    for p in frame.paragraphs[:4]:
        line = frame.line(p)
        if "。" not in line:
            continue
        for m in _SUBJECT.finditer(line[:200]):
            unit = m["unit"].lstrip("、")
            begin = m.end("unit") - len(unit)
            tail = lexicon.compiled(r"^.*<metadata.organ_end>").match(unit)
            if tail is not None and is_organ(unit):
                return Found(p.start + begin, p.start + m.end("unit"), unit, "metadata.issuer_subject")
        return None
    return None
