"""Sums that are nobody's arrears though words of debts and payments stand beside them: steps of a rule, fines, money
owed to the writer, money got for assets, money that went astray and came back, what a fund is for."""

from __future__ import annotations

import re

from extractors.circular.amount_pieces import REACH, Piece
from extractors.facts import AmountRole
from extractors.rules import lexicon

# 每增加100万元扣1分
_STEP = lexicon.compiled(r"每<money.step_verbs>[^,。;\d]{0,4}$")
# 处1万元以上5万元以下罚款
_IMPOSED = re.compile(r"(?<![办查审])处(?:以)?$")
_FINE = re.compile(r"[^,。;]{0,16}罚[款金]")
_IS_FINE = re.compile(r"的?罚[款金]")
# 应收账款余额23.8亿元，其中被业主拖欠9.3亿元
_RECEIVABLE = re.compile(r"应收(?:账款|款项|工程款|票据|未收)[^,。;\d]{0,6}$")
_SUFFERED = re.compile(r"被[^,。;]{1,12}(?:拖欠|占用|欠付)")
# 盘活国有房产收回资金1870万元
_FOR_ASSETS = lexicon.compiled(r"<money.asset_sale>[^,。;欠\d]{0,16}<money.asset_proceeds>了?(?:资金|收入|收益|价款)?$")
# 挪用专项资金2600万元。已追回1400万元
_RECOVERED = lexicon.compiled(
    r"^(?:(?!欠|账款|货款|工程款)[^,。;\d])*<money.money_back>(?:资金|专户|国库|财政)?(?:共|共计|合计)?$"
)
# 统筹安排350万元，其中200万元用于兑付历史欠款
_IS_FOR = lexicon.compiled(r"(?:全部|专项|优先|主要|均|将|专门)*<money.purpose>")
# 指出问题9个、涉及金额4.35亿元
# 抽查980个单位,涉及资金1585亿元: what was looked at, not what is owed
_EXAMINED = lexicon.compiled(
    r"<money.examined>了?[^,。;欠]{0,12}\d+[个家][^,。;欠]{0,10},(?:共)?涉及(?:资金|金额)(?:总额|共|共计)?$"
)
_ISSUES = re.compile(r"(?:问题|事项)[^,。;\d]{0,4}\d+\s?[个项条类][、,(]?(?:共)?涉及(?:金额|资金)?(?:共|共计|合计)?$")


def stands_apart(
    text: str, piece: Piece, role: AmountRole | None, last: AmountRole | None, whole: AmountRole | None
) -> bool:
    """Whether a figure counts no debt.

    `last` is the role of the figure before it in the paragraph, `whole` that of the sum which 其中 divides; `text` is
    the normalised view.
    """
    before, after = piece.before, piece.after
    if _STEP.search(before) or _RECEIVABLE.search(before) or _FOR_ASSETS.search(before) or _ISSUES.search(before):
        return True
    if _EXAMINED.search(text, max(piece.start - REACH, 0), piece.start):
        return True
    if _IS_FINE.match(after) or (_IMPOSED.search(before) and _FINE.match(text, piece.end, piece.end + REACH)):
        return True
    if whole == "other" and role in ("debt_total", "remaining", "cleared", None):
        bare = before.strip(",、 ") in ("", "其中")  # 其中安排3.6亿元用于清偿拖欠账款 has been paid
        return _SUFFERED.search(before) is not None or (bare and _IS_FOR.match(after) is not None)
    return role in ("cleared", None) and last == "other" and _RECOVERED.search(before) is not None
