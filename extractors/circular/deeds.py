"""What must be done by a date, as a person would say it: the deed without its subject, its date and its asides.

各县（市、区）要于6月底前完成摸排，形成台账          -> 完成摸排，形成台账
请将清偿计划于6月10日前报送市清欠办，逾期视为…       -> 将清偿计划报送市清欠办
对无分歧欠款，责任单位应于6月底前清偿完毕            -> 对无分歧欠款，清偿完毕
完成时限：6月底                                     -> the words of the heading above
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence

from extractors.rules.segment import Outline, Paragraph
from extractors.rules.view import View

_LIMIT = 160
_REACH = 400  # characters looked at on either side, so that text without punctuation costs no more
_INTRO = (
    r"(?:并|并且|且|同时|请|要(?!求|点|素)|务必|务须|须|需(?!求)|应当|应(?!急|付|收|对)|必须|原则上|一律|可|拟|计划|将于|今后|此后|以后|从|自(?!查|行|愿|身|然|治|主|纠|筹|评|我|己|觉|检|有|贸)|于|在|到|至(?!少|今)"
    r"|最迟|截至|截止到?|不得晚于|不晚于|不得迟于|不迟于|按照|分别|一般|统一|力争|争取|务(?=于|在|将)|确保(?!.)|[,、:;\s)])"
)
_HEAD = re.compile(rf"^{_INTRO}+")
_TAIL = re.compile(
    r"(?:于|在|到|至|自|从|并|但|务|须|应|要|请|最迟|不得晚于|不晚于|不得迟于|不迟于|截至|截止到?|时间为|期限为?|[,、:;\s(])+$"
)
_AFTER = re.compile(
    r"^(?:起|开始|止|为止|之前|以前|前|以内|之内|内|,|、|:|\s|\)|的(?=时间|期限)|\((?:遇|节假日|含)[^()]{1,16}\))+"
)
# Asides that are no part of the deed: where to ask, where to send, what happens to the late.
_ASIDE = re.compile(
    r"[,;(](?:\s?(?:联系人|联系电话|电话|邮箱|电子邮箱|电子信箱|传真|联系方式)|逾期|过期|未按时|否则|不得(?:迟报|漏报|逾期))"
)
_MARK = re.compile(
    r"^(?:\(?[一二三四五六七八九十\d]{1,3}[)、.]|第[一二三四五六七八九十]阶段:?|[①-⑳]|[一二三四五六七八九十]是)\s?"
)
_LABEL = re.compile(
    r"(?:完成|办理|整改|报送|时间|进度|工作|清偿|还款|上报)?(?:时限|期限|时间|节点|日期)(?:要求|安排)?\s?(?:为|是|[::])?\s?$"
)
_OBJECT = re.compile(r"^(?:对|将|把|就|针对|凡|属于)|(?:的|者)$")
_EVENT_HEAD = re.compile(r"自(?:本|该|此)?(?:通知|方案|办法|意见|文件|函)")
_EVENT = re.compile(r"(?:自|从|在)[^,。;]{2,40}(?:之日起|后|起)$")
_ON = re.compile(r"\s?(?:起|开始|,|、)+")
_BROKEN = re.compile(r"\s*\n\s*")


def deed(
    outline: Outline, at: int, stop: int, subject: tuple[int, int] | None, times: Sequence[tuple[int, int]]
) -> str | None:
    """The deed that the time at view positions [at, stop) limits; None where the text names none.

    `subject` is the span of the list of units that must do it, when it stands in the same item; `times` are the spans
    of all time expressions of the text in order, since a deed ends where the next one's clause begins.
    """
    view, text = outline.view, outline.view.text
    p = outline.paragraph_at(at)
    start, end = outline.item_at(at)
    start, end = max(start, p.body if p.body <= at else p.start, at - _REACH), min(end, p.end, stop + _REACH)
    i = bisect_left(times, (at, 0)) - 1
    if i >= 0 and times[i][1] == at - 1 and text[at - 1] == "(":
        return deed(outline, *times[i], subject, times)  # 春节前（2月9日）: one time said twice
    if text[at - 1 : at] == "(" and text[stop : stop + 1] in (")", ",", ";") and start < at - 1:
        words = _plain(view, _past_times(text, start, at - 1, times), at - 1)  # 完成排查（6月底前）
        if words:
            return words
    tail = _plain(view, *_tail(outline, stop, end, subject, times))
    lead_start, lead_end = _lead(outline, start, at, subject, times)
    if _LABEL.search(text, lead_start, lead_end) and len(tail) < 2:
        return _plain(view, start, _label_start(text, start, lead_end)) or _heading(outline, p)
    lead = _plain(view, lead_start, lead_end)
    if not lead or not tail:
        lead = _object(outline, start, lead_start if not subject else min(lead_start, subject[0])) + lead
    words = lead + tail
    clause = outline.clause_at(at)[0]
    if len(words) < 2 and clause - 1 > start and text[clause - 1] == ",":
        words = _plain(view, max(start, outline.clause_at(clause - 2)[0]), clause - 1)  # 约定验收后付款，最长不超过60日
    return _cut(words) if len(words) > 1 else _heading(outline, p)


def _tail(
    outline: Outline, stop: int, end: int, subject: tuple[int, int] | None, times: Sequence[tuple[int, int]]
) -> tuple[int, int]:
    """The words after the time: to the end of the item, an aside, or the clause of the next time."""
    text = outline.view.text
    i = bisect_left(times, (stop, 0))
    while i < len(times) and times[i][0] < end:
        if text[times[i][0] - 1] == "(" and text[times[i][1] : times[i][1] + 1] == ")" and times[i][0] - 1 == stop:
            i += 1
            continue
        if not text[stop : times[i][0]].strip("起开始,、:的 "):
            break  # 自6月起，每月5日前报送: both times limit one deed
        cut = max(outline.clause_at(times[i][0])[0] - 1, text.rfind("、", stop, times[i][0]))
        if cut > stop and text[cut : cut + 1] in ",、:":
            end = cut
            break
        i += 1
    if m := _ASIDE.search(text, stop, end):
        end = m.start()
    m = _AFTER.match(text[stop:end])
    begin = stop + (m.end() if m else 0)
    i = bisect_left(times, (stop, 0))
    if text[stop : stop + 1] == "(" and i < len(times) and times[i][0] == stop + 1:
        begin = min(times[i][1] + 1, end)
    if subject is not None and stop <= subject[0] <= begin + 2:
        begin = min(subject[1], end)
    return begin, end


def _lead(
    outline: Outline, start: int, at: int, subject: tuple[int, int] | None, times: Sequence[tuple[int, int]]
) -> tuple[int, int]:
    """The words before the time in its own clause, behind the subject and behind a list of other times."""
    text = outline.view.text
    begin = max(start, outline.clause_at(at)[0])
    if subject is not None and begin <= subject[1] <= at:
        begin = subject[1]
    end = at
    if text[max(begin, at - 12) : at].startswith("自") or text.startswith("自", begin):
        event = _EVENT_HEAD.fullmatch(text, begin, at)
        begin = at if event is not None else begin  # 自本通知|下发之日起
    i = bisect_left(times, (at, 0)) - 1
    if i >= 0 and begin <= times[i][0] <= begin + 1 and (m := _ON.match(text, times[i][1], at)):
        begin = m.end()  # 从6月份开始每月25日前
    while i >= 0 and times[i][1] > begin and not text[times[i][1] : end].strip("、和及, "):
        end = times[i][0]  # 6月、9月、12月底前: the list is one time
        i -= 1
    if (
        i >= 0
        and times[i][1] > begin
        and (cut := max(text.rfind("、", times[i][1], end), text.rfind("并", times[i][1], end))) >= 0
    ):
        begin = cut + 1  # 24小时内转办、7个工作日内办结
    return min(begin, end), end


def _past_times(text: str, start: int, end: int, times: Sequence[tuple[int, int]]) -> int:
    """`start`, or behind the last earlier bracketed time of the item (完成排查（5月底前），形成台账（6月底前）)."""
    i = bisect_left(times, (end, 0)) - 1
    if i >= 0 and times[i][0] >= start and text[times[i][1] : times[i][1] + 1] == ")":
        return times[i][1] + 1
    return start


def _object(outline: Outline, start: int, end: int) -> str:
    """The clause before, when it only names what the deed is done to (对无分歧欠款，…)."""
    text = outline.view.text
    if end - 1 <= start or text[end - 1] not in ",":
        return ""
    begin = max(start, outline.clause_at(end - 2)[0])
    words = _plain(outline.view, begin, end - 1)
    return words + "，" if len(words) > 2 and _OBJECT.search(words) else ""


def _label_start(text: str, start: int, end: int) -> int:
    m = _LABEL.search(text, start, end)
    return m.start() if m else end


def _heading(outline: Outline, p: Paragraph) -> str | None:
    """The heading the paragraph runs in or stands under."""
    if p.title:
        return p.title
    return outline.paragraphs[p.parent].title or None if p.parent is not None else None


def _plain(view: View, start: int, end: int) -> str:
    """The words of a stretch as printed, without marks of numbering, introductory words and open ends."""
    text = view.text
    if m := _MARK.match(text[start:end]):
        start += m.end()
    if (m := _HEAD.match(text[start:end])) and not _EVENT.match(text[start:end]):
        start += m.end()
    if m := _TAIL.search(text[start:end]):
        end = start + m.start()
    while start < end and text[start] in " ,;:。、)\n\t!?":
        start += 1
    while end > start and text[end - 1] in " ,;:。、(\n\t!?":
        end -= 1
    if start >= end:
        return ""
    part = text[start:end]
    if part.count("(") > part.count(")"):
        cut = part.rfind("(")
        end = start + cut if part.find(")", cut) < 0 and cut > 0 else end
    elif part.count(")") > part.count("(") and part.endswith(")"):
        end -= 1
    return _BROKEN.sub("", view.raw(start, end)).strip() if start < end else ""


def _cut(words: str) -> str:
    """The words, if too long up to the last clause that fits."""
    if len(words) <= _LIMIT:
        return words
    at = max(words.rfind(c, 60, _LIMIT) for c in "，、；,;")
    return words[: at if at > 0 else _LIMIT - 1] + "…"
