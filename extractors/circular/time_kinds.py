"""What a time expression is for: a limit, a window, a start of force, a cut-off of figures, or an event told."""

from __future__ import annotations

import datetime as dt
import re

import msgspec

from extractors.circular import time_stands
from extractors.circular.reading import Around
from extractors.facts import DeadlineKind
from extractors.rules import lexicon
from extractors.rules.time.expressions import Expression
from extractors.rules.time.resolve import Resolved

AS_OF = re.compile(r"(?:截至|截止到|截止至|截止|截到)\s?$")
_CLOSING = re.compile(
    r"(?:截止(?:时间|日期)|截止期|报名截止|最后期限|办理期限|完成时限|完成时间|报送时间|时限|期限|限期"
    r"|报送截止)\s?(?:要求)?\s?(?:为|是|[::])?\s?$"
)
_CUT_OFF = re.compile(
    r"(?:统计|数据|填报|清查|调查|核查)(?:的)?(?:时点|截[至止](?:时间|时点|日期?)|时间节点)\s?(?:为|是|定为|:)?\s?$"
    r"|(?:时点|基准日|截至(?:时间|日期))\s?(?:为|是|定为|:)\s?$"
)
_BASE_DAY = re.compile(r"为(?:统计|清查|数据|核查)?(?:基准日|时点|基准时点|统计截止)")
_FINAL = re.compile(r"为(?:限|止|最后期限|最后时限|截止[日时]|期限)")
_PUBLISHED = re.compile(r"(?:发布|发文|成文|印发|公布|制发|公开|更新|生成|签发)(?:时间|日期)\s?:\s?$")
_PRINTED = re.compile(r"\s?印发\s?(?:$|\n|\(|共)")
_WINDOW = re.compile(r"(?:时间|期限|日期|公示期|时段)\s?(?:为|是|[::]|定于|安排)?\s?(?:自|从)?\s?$")
_EFFECTIVE = re.compile(r"^(?:起|开始)?(?:正式|全面|统一)?(?:施行|实施|执行|生效|起效|试行|实行)")
_VALID_UNTIL = re.compile(r"有效期(?:至|到|限至|为)?\s?$|有效期[^,。;]{0,8}(?:至|到)\s?$")
_OLD_LIMIT = re.compile(r"[由从]\s?$")  # a limit that is moved no longer binds
_MOVED = re.compile(r"(?:统一)?(?:提前|调整|延长|延期|推迟|顺延|延后|变更|修改|压缩|缩短)[至到为成]")
_SUBMIT = re.compile(r"报送|提交|申报|报名|反馈|上报|报至|办理|报我|报市|报县|报省")
TOWARD = re.compile(r"(?:到|至|在|于|最迟|不晚于|不得晚于|不迟于|按)\s?$")
_MEASURED = re.compile(r"\d[^,。;]{0,6}(?:元|笔|件|户|家|%|亿|万)")
_TALLIED = re.compile(r",[^。;]{0,40}?\d[^,。;]{0,6}(?:元|笔|件|户|家|%)")  # 11月份,全市上下…,当月清偿9431万元
_ACTS = re.compile(
    r"^[,\s]?(?:前|内|要|应|须|需|务必|必须|确保|力争|争取|基本|全部|全面|完成|实现|清偿|偿还|化解|达到|支付|销号"
    r"|办结|付清|付款|支付|还款|还清|汇款|到账|打款|了结|解决|答复|回复|函复|审结|出具|结清|缴清|兑现|归还|返还|退还|一次性|率先|先行|优先|提前|带头|分别|分[两三四几]?[批期次]|将|各|组织|开展|对|集中|总结|验收|评估|考核|进行|迎接|巩固|提高|统一|上传|上线|(?:全[省市县州区])?[^,。;\d]{0,6}率?(?:达到|实现|提高)|[^,。;\d]{1,10}?(?:将|要|应当|须|必须|拟|计划)(?!求)|上报|报送|建立|形成|启动|落实|清零|汇总|核查|整改|兑付|出台|制定|编制|印发|修订|提交|筹集|拨付|下达|兑现)"
)

_SINGLE = r",?(?!组织|开展)[^,。;]{0,24}?(?:<time.single_acts>)"  # 12月上旬对一人采取强制措施: told of once

PUBLISHED_THEN = re.compile(r"(?:公示|印发|下发|发布|通报|反馈|转办|签订)的")
_TOLD_OF = re.compile(r"(?:公示|印发|下发|发布|召开|通报|反馈|转办|签订)的")
_STANDS = re.compile(
    r"(?![^,。;\d]{0,12}(?:清偿|偿还|化解|兑付|支付|完成)[^后,。;]{0,8}\d)"
    r"[^。;]{0,26}?(?:剩余|仍有|尚有|合计|应付|余额|欠款|存量|未支付)[^。;]{0,16}?\d"
)
# 5月底前未完成清偿的单位, 已列入台账的账款: which ones are meant.
_UNDONE = re.compile(
    r"(?:仍|尚|还)?未[^,。;]{1,20}的(?!有)|已经?[^,。;将把]{1,14}的(?:欠款|账款|款项|债务|单位|企业|项目|问题|合同|线索)"
)
# 5月底前收到、尚未办结的8件线索: a day that says which ones are meant, whether it is over or not.
_WHICH = re.compile(
    r"(?:已经?|新)?(?:收到|接到|接收|受理|登记|列入|纳入|排查出|排查发现|发现|认定|产生|发生|竣工|完工|交付|验收合格)"
    r"(?:(?:台账|名单|清单)|、?(?:但|且|而)?(?:仍|尚|还)?未?[^,。;、将把要应须]{1,8})?的"
    r"[^,。;将把要应须]{0,10}?(?:欠款|账款|拖欠|款项|债务|单位|企业|项目|问题|合同|线索|投诉|案件|件)"
)
# 11月下旬对整改情况跟踪督办, 会同审计部门抽查: work done in a window, unless it is to be finished or handed in by then.
_ACTIVITY = (
    r",?(?![^,。;]{0,40}?(?:完成|到位|报送|上报|提交|报告|全覆盖|达到|付清|结清|清零|办结|销号|总结)|集中(?:报|清偿完|兑付完))"
    r"[^,。;:]{0,30}?<time.activities>"
)
_STILL = re.compile(r"(?:前|止|为止)?,?[^,。;]{0,8}?(?:仍|尚|还|共|累计|均已|已有|已经)")  # 截止5日,仍有3个县未报送
_BY_THEN = re.compile(r"(?:最迟|不晚于|不得晚于|不迟于|到|至|截止|力争|确保|争取)\s?$")
_MORE_MONTHS = re.compile(r"^(?:[、和及]\s?\d{1,2}月(?:份)?)+")  # 将于7月、10月开展督查
_MEANT = re.compile(
    r",?[^,。;]{0,10}?(?:率|比例|进度|余额|额)[^,。;]{0,6}(?:低于|不足|未达|不到|高于|超过|仍)[^,。;]{0,10}的"
)
_FORMED_SINCE = re.compile(
    r"(?:以后|之后|后|起)(?:新|所)?(?:形成|发生|产生|签订|签署|新增|开工|竣工|完工|立项|拖欠)的?[^,。;]{0,10}"
    r"(?:的|欠款|账款|款项|债务|合同|项目)"
)
# A time that heads an item with a colon: (二)第二季度：…
_ITEM_HEAD = re.compile(r"(?:\n|^)[ \t]*(?:\([一二三四五六七八九十\d]{1,3}\)|[一二三四五六七八九十\d]{1,3}[、.])?\s?$")
_COMPLETES = re.compile(r":\s?(?:全面|基本|全部|力争|确保)?(?:完成|报送|提交|建成|办结|清零)")
_QUARTER_END = re.compile(r"(?:季度?|半年)[末底]$")
_AIMED = re.compile(
    r"(?:累计|清偿|化解|偿还|兑付)[^,。;]{0,8}\d|达到|结清|清零|付清|完成|实现|全部|基本|办结|销号|到位|不低于|以上"
)
_AT_LEAST = re.compile(r"^[^。;\d]{0,16}\d[\d.]*%(?:以上|左右)|不低于|不少于|至少")
_PARTS_OF_YEAR = ("h1", "h2", "q0", "q1", "q2", "q3", "q4", "start")


class Situation(msgspec.Struct, frozen=True, gc=False):
    """Where an expression stands: the text, the date the document speaks from, and what its paragraph is."""

    text: str
    reference: dt.date | None
    is_doc_date: bool
    is_stage: bool  # its paragraph is a stage of a plan (第一阶段)
    is_heading: bool


Verdict = tuple[DeadlineKind, str | None, "str | tuple[str, str] | None"]


def classify(s: Situation, x: Expression, near: Around, days: Resolved | None) -> Verdict | None:
    """Kind, subtype and resolved value; None for a bare year that only describes something (2021年度年报)."""
    text = s.text
    left = text[max(0, x.start - 14) : x.start]
    iso = days.end.isoformat() if days is not None else None
    both = (days.start.isoformat(), days.end.isoformat()) if days is not None else None
    over = days is not None and s.reference is not None and days.end <= s.reference
    if s.is_doc_date or _PUBLISHED.search(left) or _PRINTED.match(text, x.end):
        return "past_event", "doc_date", iso
    if _OLD_LIMIT.search(left) and _MOVED.match(near.after):
        return "due", "past", iso  # 由6月底提前至5月31日
    if x.shape != "range" and (_CUT_OFF.search(left) or _BASE_DAY.match(near.after)):
        return "as_of", None, iso
    if _CLOSING.search(left) and x.shape != "range":
        if over and near.past and near.was_due():
            return "past_event", None, iso  # 办结时限为4月30日,逾期未办结2件
        return "due", None, iso
    if AS_OF.search(left) and x.shape != "range":
        if (
            _SUBMIT.search(near.after)
            and (x.shape == "before" or (left.rstrip().endswith(("截止", "截止到", "截止至")) and not near.is_told()))
            and not (over and _STILL.match(text, x.end))
        ):
            return "due", None, iso
        return "as_of", None, iso
    if near.done_early():
        return "past_event", None, iso
    if _VALID_UNTIL.search(left) or near.after.startswith(("有效", "内有效")):
        return "period", "scope", iso
    if (
        x.shape in ("point", "since")
        and _EFFECTIVE.match(near.after)
        and not x.first.is_year_only
        and (x.first.month is not None or x.first.day is not None or x.first.now)
        and not near.is_told()
    ):
        return "effective", None, days.start.isoformat() if days else None
    ordered = not over or re.search(r"(?:明确|规定|要求|通知)[^,。;]{0,6}[自从]?$", near.before) is not None
    if x.shape == "point" and near.after.startswith(("起", "开始")) and ordered and not near.is_told():
        return "effective", None, days.start.isoformat() if days else None
    if x.shape == "range":
        return "period", _window(s, x, near, left, over), both
    if x.shape == "since":
        if x.first.is_year_only:
            return None
        end = s.reference.isoformat() if s.reference is not None else None
        begin = days.start.isoformat() if days is not None else None
        window = (begin, end) if begin is not None and end is not None and begin <= end else None
        return "period", "scope" if near.is_formed() or near.is_scope() else "past_period", window
    if x.shape in ("before", "inside"):
        return _limit(x, near, iso, both, over)
    return _point(s, x, near, left, iso, both, over)


def _window(s: Situation, x: Expression, near: Around, left: str, over: bool) -> str | None:
    """A window to act in, one that is over (past_period), or one that defines what counts (scope)."""
    if near.is_formed() or (near.is_scope() and not near.after.startswith((",", ")", ";", ":"))):
        return "scope"
    if _WINDOW.search(left) or s.is_stage or (s.is_heading and not over):
        return None
    if near.is_told() and (over or near.narrates() or near.after.startswith("已")):
        return "past_period"
    if over and (near.narrates() or not (near.is_demanded() or near.has_task())):
        return "past_period"
    if over and _MEASURED.search(near.after) and not near.is_demanded():
        return "past_period"
    if x.first.is_year_only and over:
        return "past_period"
    return None


def _limit(x: Expression, near: Around, iso: str | None, both: tuple[str, str] | None, over: bool) -> Verdict:
    """前, 内, 底前: a limit, unless the clause tells history, forecasts, or says what counts."""
    if near.is_formed():
        return "period", "scope", None
    if _WHICH.match(near.after) or (over and _UNDONE.match(near.after)):
        return "period", "scope", None
    if x.first.is_year_only and x.shape == "before" and (near.is_scope() or (over and not near.is_demanded())):
        return "period", "scope", None
    if near.is_scope() and not near.is_demanded() and over and not near.after.startswith(","):
        return "period", "scope", None
    if over and (near.past or near.was_due()):
        return "past_event", None, iso
    if over and (near.is_told() or near.is_outcome()) and not near.is_demanded():
        return "past_event", None, iso
    if near.is_forecast():
        return "due", "forecast", iso
    return "due", None, iso


def _point(
    s: Situation, x: Expression, near: Around, left: str, iso: str | None, both: tuple[str, str] | None, over: bool
) -> Verdict | None:
    """A date without a limit word: an event told, a target (到2025年底), a day on which something is to be done."""
    text = s.text
    toward = TOWARD.search(left) is not None
    bare = x.first.year is None and x.first.year_shift is None and x.first.month is None
    coarse = x.first.day is None and x.first.weekday is None and x.first.part not in ("end",)
    if (
        text[x.start - 1 : x.start] == "("
        and text[x.end : x.end + 1] == ")"
        and re.search(r"(?:阶段|步骤|环节)\($", left)
    ):
        return "period", None, both
    if x.first.is_year_only:
        if toward and left.rstrip().endswith(("到", "至")) and not over and not near.is_told():
            return "due", None, iso
        return None
    quarter_end = _QUARTER_END.search(text, x.start, x.end) is not None
    if quarter_end and not over and _AIMED.search(near.after) and not near.is_forecast():
        return "due", None, iso  # 三季度末清偿率达到80%
    heads = text.startswith(":", x.end) and _ITEM_HEAD.search(text, max(x.start - 12, 0), x.start) is not None
    if heads and x.first.part in _PARTS_OF_YEAR and not over:
        done = _COMPLETES.match(text, x.end)
        return ("due", None, iso) if done else ("period", None, both)  # 第二季度：完成项目审批; 第三季度：全面施工
    if bare and x.first.part in _PARTS_OF_YEAR and not toward and not _ACTS.match(near.after) and near.after[:1] != ",":
        return None  # 一季度进展: it describes
    if over and _TOLD_OF.match(near.after):
        return "past_event", None, iso
    if near.after.startswith(("以后", "之后", "后", "起")) and _FORMED_SINCE.match(near.after):
        return "period", "scope", None  # 2023年1月1日以后形成的欠款
    if near.is_scope() and (over or coarse) and not near.is_demanded():
        return "period", "scope", both
    meant = _MEANT.match(near.after) or (not over and _UNDONE.match(near.after))
    if meant and (near.before.rstrip().endswith(("对", "凡", "至", "到", "于")) or not near.before.strip(" (“,、")):
        return "as_of", None, iso  # 对10月底化解率仍低于70%的,由市领导约谈
    at_end = x.first.part == "end" or (x.first.part or "").startswith("q")
    if over and time_stands.stands(x, near, left):
        return "as_of", None, iso
    if over and at_end and not near.is_demanded() and _STANDS.match(near.after.lstrip(", ")):
        return "as_of", None, iso  # 2022年末各镇街合计剩余3726万元
    after = _MORE_MONTHS.sub("", near.after)
    part_of_year = (x.first.part or "e")[0] in "hq" and not quarter_end and "集中" not in after
    window = coarse and (x.first.month is not None or part_of_year) and not over and _BY_THEN.search(left) is None
    if window and lexicon.compiled(_ACTIVITY).match(after):
        return "period", None, both  # 9月上旬开展专项督导
    if over or iso is None:
        ten_days = x.first.part in ("early", "mid", "late")
        spread = x.first.part is not None or _MEASURED.search(near.after) or _TALLIED.match(near.rest)
        single = (x.first.part is None or ten_days) and lexicon.compiled(_SINGLE).match(near.after) is not None
        measured = coarse and spread and not single
        return ("period", "past_period", both) if measured else ("past_event", None, both if coarse else iso)
    whole_month = x.first.part is None and x.first.month is not None and x.first.day is None
    vague = whole_month or (x.first.part is not None and x.first.part[0] in "hq")
    begun = both is None or s.reference is None or both[0] <= s.reference.isoformat()
    told = begun and (near.is_told() or near.past) and not _AT_LEAST.search(near.after)
    if coarse and _MEASURED.search(near.after) and told and not near.is_demanded():
        return "period", "past_period", both
    if vague and not toward and not _ACTS.match(near.after):
        return "period", "scope", both
    if near.is_forecast():
        return "due", "forecast", iso
    if _FINAL.match(near.after):
        return "due", None, iso  # 以5月31日为限
    if near.is_told() and not near.is_demanded():
        return "past_event", None, both if coarse else iso
    if (
        toward
        or _ACTS.match(near.after)
        or near.has_task()
        or near.is_demanded()
        or near.after.startswith(("结束", "截止"))
    ):
        return "due", None, iso
    return "period", "scope", both
