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
    signed, head = _signature(frame), _title_head(frame)
    if signed is not None and head is not None and _is_short_for(signed.value, head.value):
        return head  # signed 某省国资委, headed 某省人民政府国有资产监督管理委员会
    return (
        signed
        or head
        or _under_title(frame)
        or _last_line(frame)
        or _letterhead(frame)
        or _labelled(frame)
        or _title_organ(frame)
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


def _is_short_for(short: str, full: str) -> bool:
    """Whether a name is the other one with characters left out: it begins as that one does and ends with it."""
    if len(short) >= len(full) or short[:2] != full[:2] or short[-1] not in full[-3:]:
        return False
    rest = iter(full)
    return all(c in rest for c in short)


def _under_title(frame: Frame) -> Found | None:
    """The organ on a line of its own between title and body, or the one whose head reports: 某市审计局局长　张某."""
    if frame.title is None:
        return None
    after = [p for p in frame.paragraphs if p.start >= frame.title.end and p.end > p.start][:4]
    for p in after:
        line = _unsealed(frame.line(p))
        read = _READ_TO.match(line)
        begin = p.start + (read.end() if read is not None else 0)
        line = frame.text[begin : p.end] if read is not None else line
        if "。" in line or p.level or p.kind in ("salutation", "table", "heading"):
            return None
        if is_organ(line):
            return Found(begin, begin + len(line), joined(line), "metadata.issuer_under_title")
        m = lexicon.compiled(_HOLDER).fullmatch(line)
        if m is not None and is_organ(m["unit"]):
            return Found(begin, begin + m.end("unit"), joined(m["unit"]), "metadata.issuer_holder")
    return None


# ——2024年7月25日在市人大常委会第二十次会议上, with who speaks run on behind it.
_READ_TO = re.compile(r"[(—\-\s]*\d{4}年\d{1,2}月\d{1,2}日\s?在[^,。;]{4,60}?[会议]上[\s)]*")
_HOLDER = (
    r"(?P<unit>[\u4e00-\u9fa5()]{3,40}?)(?:党[组委]书记、|党工委书记、)?(?:常务)?副?(?:<metadata.posts>)"
    r"(?:、[\u4e00-\u9fa5]{2,12})?\s?[\u4e00-\u9fa5·](?:\s?[\u4e00-\u9fa5·]){1,3}"
)


def _title_head(frame: Frame) -> Found | None:
    """某某办公室关于…的通知: what stands before 关于."""
    title = frame.title
    if title is None:
        return None
    raw = frame.text[title.start : title.end]
    m = _ABOUT.search(raw)
    at = m.start() if m is not None else -1
    if at < 4:
        return None
    head = raw[:at].rstrip()
    names = [joined(line) for line in head.split("\n")]
    if len(names) > 1 and all(is_organ(name) for name in names):
        return Found(title.start, title.start + len(head), "、".join(names), "metadata.issuer_title")
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
    m = lexicon.compiled(_LABELLED).search(frame.text[:1500]) or lexicon.compiled(_LABELLED).search(frame.text[-600:])
    if m is not None:
        found = frame.text.find(m.group())
        begin = found + m.start("unit") - m.start()
        return Found(begin, begin + len(m["unit"]), m["unit"], "metadata.issuer_label")
    if m is None:
        m = _MASTHEAD.search(frame.text, 0, 1500)
        if m is None or not is_organ(m["unit"]):
            return None
    return Found(m.start("unit"), m.end("unit"), m["unit"], "metadata.issuer_label")


def _title_organ(frame: Frame) -> Found | None:
    """The organ that a title without 关于 begins with: 某市审计局审计结果公告."""
    if frame.title is None:
        return None
    m = _ORGAN_FIRST.match(frame.text, frame.title.start, frame.title.end)
    return Found(m.start(), m.end(), joined(m.group()), "metadata.issuer_title") if m is not None else None


_ORGAN_FIRST = re.compile(
    r"[\u4e00-\u9fa5]{2,24}?(?:局|厅|委员会|办公室|人民政府|公司|法院|检察院|管委会|领导小组|专班|医院|学院|大学)"
    r"(?!领导小组|办公室|专班|关于|与|和|及|的|对|系统|部门)(?=[^\n]{2,40})"
)
_LABELLED = (
    r"(?:<metadata.issuer_labels>)\s?(?:\((?:盖章|公章|签章|签字|盖公章|印章|章)\))?\s?[::]\s?"
    r"(?P<unit>[^\s:,。;、]{3,40})"
)
# 某某局关于…, 某某委员会 / 对…建议的答复: 某某局2024年工作总结: where what it is about begins.
_ABOUT = re.compile(r"关于|(?<=\n)(?:对|就)|(?<!\d)20\d\d\s?年(?=[^。]{2,60}(?:总结|报告|要点|计划|汇报|公示|情况)$)")
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
