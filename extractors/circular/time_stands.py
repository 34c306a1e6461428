"""The day figures stand at where no 截至 says so: 到8月20日已结清, 较7月底提高, 年底余额, 从9月10日调度情况看."""

from __future__ import annotations

import re

from extractors.circular.reading import Around
from extractors.rules import lexicon
from extractors.rules.time.expressions import Expression

# 到, 至 before the day, not the end of a delay or a term: 直至8月20日才, 延期至年底, 有效期至.
_UP_TO = re.compile(
    r"(?<!直)(?<!延期)(?<!延长)(?<!延后)(?<!推迟)(?<!顺延)(?<!延迟)(?<!拖延)(?<!拖)(?<!推)(?<!持续)(?<!调整)(?<!提前)"
    r"(?<!变更)(?<!展期)(?<!工期)(?<!保期)(?<!租期)(?<!期限)(?<!止)[到至]\s?$"
)
_STATE = re.compile(
    r"(?!\s?(?:才|方才|方可|始|为止|期满|届满|到期|起|的(?!时候)))[^。;]{0,60}?(?:已|累计|共|尚|仍|还|仅|只|均|余|剩|欠|率|达|完成|全部"
    r"|清偿|偿还|支付|化解|未|没有|实现|零)"
)
_UNTIL = re.compile(r"直[到至]\s?$")
_NOT_YET = re.compile(r",?\s?(?:[^,。;才]{0,10}?)(?:仍|尚|还(?!款|清)|均未|未|没有)")  # 直至4月底仍有12笔未付
_COMPARED = re.compile(r"(?:较|比|同|与|相比|对比)(?:[上去前]年)?\s?$")
_CHANGED = re.compile(
    r"[^,。;\d]{0,8}?(?:提高|提升|上升|增加|增长|新增|减少|下降|压降|压减|降低|回落|扩大|缩小|上涨|加快|多|少|高出|低|相比|持平|净增|净减)"
)
_REPORTED = re.compile(
    r"(?:的)?(?:全[省市县区州旗镇]|最新|平台|台账|清欠|工作|账款|系统|国家){0,3}(?:调度|统计|监测|排查|台账|上报|填报|通报|报表|反馈|汇总|平台|系统)?"
    r"(?:的)?(?:情况|结果|数据|数字|进度|台账|报表)(?:来?看|显示|反映|表明)"
)
_REPORT_HEAD = re.compile(r"(?:^|[从据按照])\s?$")
_OPENS = re.compile(r"(?:[\s(]|其中|但|而|不过|当时)*")
_STANDING = (
    r"(?:(?!<time.single_acts>|支付|拨付|兑付|偿还|归还|收到|受理|决定|研究|提出|启动|成立|发现|查实|办结|[将把对向就因])"
    r"[^,。;:\d]){0,16}?(?:<time.stands>|率(?:为|达到?|仅为?|只有)?(?=[\d.]))[^,。;]{0,14}?\d"
)


def is_compared(left: str) -> bool:
    """Whether the words before a day compare with it (较7月底): it is not the day of the figures that follow."""
    return _COMPARED.search(left) is not None


def stands(x: Expression, near: Around, left: str) -> bool:
    """Whether a day that is over is told of as the one at which figures stand. `left`: the 14 characters before it."""
    if x.shape != "point" or x.first.is_year_only or near.is_demanded():
        return False
    part = x.first.part or ""
    exact = x.first.day is not None or part == "end" or part.startswith("q")
    monthly = x.first.month is not None or exact
    if exact and _REPORT_HEAD.search(near.before) and _REPORTED.match(near.after):
        return True
    if _COMPARED.search(left):
        return exact and _CHANGED.match(near.after) is not None
    if _UNTIL.search(left) and monthly:
        return _NOT_YET.match(near.rest) is not None
    if _UP_TO.search(left) and monthly:
        return _STATE.match(near.rest) is not None and not near.was_agreed()
    if not (exact or part in ("early", "mid", "late")) or _OPENS.fullmatch(near.before) is None:
        return False
    return lexicon.compiled(_STANDING).match(near.rest.lstrip(", 的")) is not None
