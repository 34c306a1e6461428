"""The words of `qingqian explain`, in Chinese and English: kinds, details, parts of rules, doubts."""

from __future__ import annotations

from typing import Literal

Language = Literal["zh", "en"]

_GROUPS = {
    "metadata": ("要素", "metadata"), "amount": ("金额", "amount"), "deadline": ("时间", "time"),
    "assignment": ("分工", "duty"), "ref": ("引用", "reference"), "statistic": ("统计数", "count"),
    "part": ("内含文件", "embedded paper"),
}  # fmt: skip
_KINDS = {
    "title": ("标题", "title"), "issuer": ("发文机关", "issuer"), "doc_number": ("发文字号", "document number"),
    "doc_type": ("文种", "kind of document"), "issued_date": ("成文日期", "issued"), "urgency": ("紧急程度", "urgency"),
    "secrecy": ("密级", "secrecy"), "signed_off_by": ("签发人", "signed off by"), "region": ("地区", "region"),
    "recipients": ("主送机关", "addressee"), "attachments": ("附件", "attachment"), "contacts": ("联系人", "contact"),
    "debt_total": ("拖欠总额", "total owed"), "cleared": ("已清偿", "cleared"), "remaining": ("剩余", "remaining"),
    "disputed": ("有分歧", "disputed"), "undisputed": ("无分歧", "undisputed"), "new_debt": ("新增拖欠", "new debt"),
    "other": ("其他金额", "other sum"),
    "due": ("期限", "due"), "recurring": ("周期", "recurring"), "period": ("期间", "period"),
    "effective": ("起始", "in force from"), "as_of": ("截至", "as of"), "past_event": ("已发生", "past"),
    "lead": ("牵头", "lead"), "support": ("配合", "support"), "responsible": ("责任", "responsible"),
    "member": ("成员", "member"), "recipient": ("报送对象", "sent to"), "supervisor": ("督查", "supervises"),
    "basis": ("依据", "basis"), "implements": ("贯彻", "carries out"), "forwards": ("转发", "forwards"),
    "issues": ("印发", "issues"), "amends": ("修订", "amends"), "repeals": ("废止", "repeals"),
    "answers": ("答复", "answers"), "part": ("题名", "title"),
    "reference": ("文件", "document"), "ratio": ("比例", "share"),
}  # fmt: skip
_DETAILS = {
    "role_rule": ("性质依据", "what told"), "role_confidence": ("性质可信度", "how sure"),
    "role_cues": ("性质线索", "cues"),
    "as_of": ("截至", "as of"), "scope": ("范围", "scope"), "debtor": ("债务人", "debtor"), "name": ("名称", "name"),
    "creditor": ("债权人", "creditor"), "approx": ("约数", "approximate"), "subtype": ("细类", "subtype"),
    "action": ("事项", "task"), "responsible": ("责任", "who"), "recipient": ("报送", "to whom"),
    "year_source": ("年份依据", "year from"), "strength": ("力度", "strength"), "task": ("任务", "task"),
    "unit_id": ("单位编号", "unit id"), "open_list": ("名单未列尽", "open list"), "what": ("所计", "counts"),
    "expands_to": ("展开为", "stands for"), "part_number": ("第几件", "number"), "part_span": ("起止", "characters"),
    "issued_date": ("日期", "dated"),
    "doc_number": ("文号", "number"), "phones": ("电话", "phone"), "email": ("邮箱", "mail"), "unit": ("单位", "unit"),
}  # fmt: skip
_VALUES = {
    "text": ("原文", "the text"), "inherited": ("承前", "the date before"),
    "issued_date": ("成文日期", "the issue date"),
    "body": ("正文日期", "dates in the body"), "none": ("未定", "nothing"), "must": ("必须", "must"),
    "should": ("原则上", "should"), "aim": ("力争", "aim"), "past_period": ("已过去的统计期", "period that is over"),
    "scope": ("界定范围", "says what counts"), "doc_date": ("本文日期", "the document's date"),
    "forecast": ("预计", "forecast"), "past": ("已做的", "told as done"),
}  # fmt: skip
_PARTS = {
    "n": ("数", "number"), "mult": ("倍数", "multiplier"), "before": ("前置限定", "before"),
    "after": ("后置限定", "after"),
    "over": ("余数词", "excess"), "over2": ("余数词", "excess"), "yuan": ("元", "yuan"), "body": ("数额", "body"),
    "digits": ("小写", "digits"), "a": ("起", "from"), "b": ("止", "to"), "head": ("概数", "vague"),
    "y": ("年", "year"), "ya": ("起年", "first year"), "yb": ("止年", "last year"), "m": ("月", "month"),
    "ma": ("起月", "first month"), "mb": ("止月", "last month"), "d": ("日", "day"), "da": ("起日", "first day"),
    "db": ("止日", "last day"), "d2": ("日", "day"), "d3": ("日", "day"), "part": ("部分", "part"),
    "u": ("单位", "unit"),
    "unit": ("单位", "unit"), "rel": ("相对", "relative"), "wd": ("星期", "weekday"), "w": ("周", "week"),
    "which": ("首末", "which"), "every": ("每", "every"), "cap": ("上限", "cap"), "event": ("起算", "event"),
    "days": ("日", "days"), "months": ("月", "months"), "count": ("次数", "count"), "of": ("所属", "of"),
}  # fmt: skip
_FLAGS = {
    "past_at_issue": ("发文时已过期", "past at issue"), "anchor_unknown": ("起算日未定", "start not stated"),
    "event_anchored": ("从事件起算", "runs from an event"), "from_issue": ("从发文起算", "runs from the issue date"),
    "hard_cap": ("最长期限", "hard cap"), "no_computable_time": ("没有可计算的日期", "no computable day"),
    "unresolved": ("未能换算成日期", "not resolved"), "ambiguous_day": ("哪一天有歧义", "ambiguous day"),
    "before_event": ("事件之前", "before an event"), "month_assumed": ("月份按发文月推定", "month assumed"),
    "calendar_by_weekday": ("无当年放假安排，按星期推算", "counted by weekdays"),
    "rolled_to_next_year": ("推到次年", "rolled to next year"),
    "rolled_over_year_end": ("跨年", "over the year's end"), "approximate": ("约略", "approximate"),
    "approximate_day": ("日期约略", "approximate day"), "two_festivals": ("两节按春节计", "two festivals"),
    "irregular": ("无固定频次", "irregular"), "amount_words_mismatch": ("大小写不一致", "words and digits differ"),
    "role_unsure": ("性质拿不准", "what it counts is unsure"),
    "disputed": ("有分歧", "disputed"), "unit_inferred": ("单位名称为推定", "unit inferred"),
    "unit_ambiguous": ("单位有多个可能", "several units fit"),
    "suspect_phone": ("电话可疑", "suspect phone"), "suspect_ocr": ("疑似识别错误", "suspect recognition"),
    "expanded_by_regions": ("按行政区划展开", "spelled out by the table of regions"),
    "expanded_by_paper": ("按本文名单展开", "spelled out by the paper's list"),
    "shared_date": ("日期同正文", "dated as the paper"),
    "responsible_is_issuer": ("未写主体，按发文机关计", "issuer taken as the subject"),
}  # fmt: skip
_SAID = {
    "rule": ("规则", "rule"), "page": ("第 {} 页", "page {}"), "derivation": ("推导", "derivation"),
    "found": ("共找到", "found"), "nothing": ("没有找到任何内容。", "Nothing was found."),
    "unresolved": ("未解析", "not resolved"), "ledger": ("台账", "ledger"), "row": ("行", "row"),
    "warnings": ("读取时的问题", "problems while reading"), "written": ("已写入 {}", "written to {}"),
    "pages": ("页", "pages"), "legend": ("点选要看的内容", "choose what to see"),
    "more_rows": ("其余 {} 行略，见 qingqian extract", "{} more rows: see qingqian extract"),
    "columns": ("列", "columns"), "flags": ("疑点", "doubts"), "untitled": ("（无标题）", "(untitled)"),
}  # fmt: skip


class Words:
    """Looks words up in one language; what is not in a table is shown as it is."""

    def __init__(self, language: Language) -> None:
        self.language = language
        self._column = 0 if language == "zh" else 1

    def group(self, name: str) -> str:
        """A group of marks."""
        return self._look(_GROUPS, name)

    def kind(self, name: str) -> str:
        """A field, role or kind of time."""
        return self._look(_KINDS, name)

    def detail(self, name: str, value: str) -> str:
        """One further field of a finding, with its name."""
        shown = self._look(_VALUES, value) if name in ("year_source", "strength", "subtype") else value
        label = self._look(_DETAILS, name)
        return label if value in ("≈", "…") else f"{label} {shown}"

    def part(self, name: str) -> str:
        """A named part of a rule's pattern."""
        return self._look(_PARTS, name)

    def flag(self, name: str) -> str:
        """A doubt."""
        return self._look(_FLAGS, name)

    def said(self, name: str, *values: object) -> str:
        """A phrase of the page or the terminal."""
        return self._look(_SAID, name).format(*values)

    def _look(self, table: dict[str, tuple[str, str]], name: str) -> str:
        return table[name][self._column] if name in table else name
