"""The role told by a figure's own clause: its words, then what the same clause says became of the sum."""

from __future__ import annotations

import re
from decimal import Decimal

from extractors.circular.amount_pieces import Piece
from extractors.circular.amount_words import last_end, role_of_words
from extractors.facts import AmountRole
from extractors.rules import lexicon

# 1268万元新增拖欠要清零: what the sum is stands before the order.
_ORDERED = re.compile(
    r"要|应当|必须|须|将|力争|确保|列入|纳入|分期|分[一二两三四五\d]?[年批次]|计划|拟|预计|承诺(?!书|函)|约定(?!书)"
)
_FUND = re.compile(
    r"的?[^,。;、]{0,6}?(?:周转金|专项资金|奖补资金|专项债券?|债券|贷款|授信|资金池|补助资金|预算资金|专项借款|罚款|奖励|发票|保函|承兑汇票|商票)"
)
_NOUN = r"[^,。;()已未尚仍]{0,10}?"
# 货款80万元已清偿, 尾款150万元至今未付: the clause goes on to say what became of the sum.
_NOW_PAID = re.compile(
    rf"{_NOUN}(?:均|也|现|目前|都)?(?:已|全部|全额)(?!明确|纳入|列入|制定)(?P<deed>[^,。;未没]{{0,24}})"
)
# 0.5亿元欠款尚无资金来源
_NO_MEANS = re.compile(
    r"[^,。;()]{0,8}(?:尚|暂|仍)?(?:无|没有|缺乏)(?:资金来源|着落|偿还能力|清偿能力|还款来源)|[^,。;()]{0,8}(?:无法|难以)(?:支付|清偿|偿还|兑付|兑现|还清|付清|结清|归还)|[^,。;()]{0,8}(?:还款|偿债|清偿|支付)?资金(?:一直|至今|仍|还|尚)?(?:未|没有|难以)(?:落实|到位)"
)
_NOW_UNPAID = re.compile(
    rf"{_NOUN}(?:目前|至今|现|均|长期|一直)?(?:尚未|仍未|还未|未|没有|待|暂缓|暂不)(?:能|得到|按[^,。;]{{0,6}})?(?P<deed>[^,。;]{{0,12}})"
)
_IN_DISPUTE = lexicon.compiled(
    rf"{_NOUN}(?:尚|仍|还)?(?<![不没无未])(?:存在?|有)(?:较大|一定|质量|结算)?(?:争议|分歧|异议)|{_NOUN}(?:提出(?:了)?异议|不予认可|不认可|不予确认)|的?[^,。;]{{0,8}}?(?:争议|分歧|纠纷)(?:$|[,。;])"
    rf"|[^。;\d]{{0,16}}?<money.at_odds>"
)
# 工程尾款763.5万元双方均无异议
_AGREED = re.compile(
    r"[,、]?(?:经[^,。;]{0,10},)?(?:甲乙)?(?:双方|各方|三方|当事人)[^,。;\d]{0,6}?(?:均|都|已)?(?:无|没有|不存在)(?:任何)?(?:异议|争议|分歧)"
)
# 余下780万元因质量问题双方尚有争议, 剩余的42万元,因结算未定存在分歧
_QUARRELLED = re.compile(
    r"(?:的?(?:欠款|账款|款项|工程款|货款|尾款|质保金|余款))?(?=,?(?:因|由于|双方|尚|仍|目前|存在|有))[^。;无没不]{0,30}?"
    r"(?:存在?|有|产生|发生)(?:了)?[^,。;无没不]{0,6}(?:争议|分歧|异议|纠纷)(?!的)"
)
_QUARREL_OF = re.compile(r"的[^,。;无没不]{0,8}(?:争议|分歧|纠纷)")
# 尚有3100万元未支出: money to pay with, not a debt.
_UNSPENT = lexicon.compiled(
    r"[^,。;欠账]{0,10}(?:未|没有|待)(?:支出|使用|下达|分配|发行|支用|拨出|拨付到)|[^,。;欠账]{0,6}(?:滞留|闲置|沉淀)|[^。;欠]{0,24}?暂?[存挂](?:放|于|在)*<money.held_at>"
)
_CLAIMED = re.compile(
    r"负责的|(?:投诉|反映|主张|申报|登记|举报|催收|讨要|排查|摸排|梳理|自查|认定|锁定|核实)"
    r"(?:的|金额|诉求金额)(?:共|合计)?$"
)
# 未到付款期限的624万元,不属于拖欠
_NOT_ARREARS = re.compile(
    r"[,(、]?[^,。;\d]{0,6}?(?:均|都|暂)?(?:不属于?|不是|不构成|不列入|不计入|不纳入|不作为)[^,。;\d]{0,6}(?:拖欠|欠款|欠账|清欠范围|清理范围|清偿范围)"
)
_MAY_PAY = re.compile(r"(?:可|拟|将|计划|准备|应)(?:专项|全部|优先)?用于")
_GOT_BACK = re.compile(
    r"[^,。;\d未没]{0,6}(?:已|均已|都已)(?:经)?(?:全部|全额|如数|陆续)?(?:收回|到手|到位|追回|要回|拿回|入账)"
)
_ONLY_GOT = re.compile(r"(?:[仅只才]|先后|累计|陆续)[^,。;]{0,10}(?:收到|拿到|要回|收回)(?:了|货款|欠款)?$")
# 将所欠的13万余元工资逐一发放到12名农民工手中, 28万元终于拿到手: handed over, unless it is yet to be.
_HANDED = lexicon.compiled(
    r"(?:(?![前内须应要需拟待未没无不]|力争|确保|争取|计划|承诺|用于|可以)[^,。;()\d]){0,14}?"
    r"<money.handed_how>{1,3}(?:<money.handed_over>|<money.got>)"
)
# 已把欠某公司的工程余款5万元结清: the verb behind its object needs no adverb.
_TAKEN = re.compile(r"(?:把|将)[^,。;]{0,40}$")
_GIVEN = lexicon.compiled(
    r"(?:(?![前内须应要需拟待未没无不用]|力争|确保|争取|计划|承诺)[^,。;()\d]){0,10}?<money.handed_over>"
    r"[到至给了]?(?:完毕|[^,。;\d]{0,16}(?:手中|手里|账户|账上))?(?:$|[,。;])"
)
# 主动付了剩下的700余万元: the rest has been paid.
_PAID_REST = lexicon.compiled(
    r"(?:(?:<money.handed_how>|当场|主动|随后|又|再次?)<money.handed_over>了?|(?:付|还|支付|付清|偿还|结清|兑付|归还|退还)了)"
    r"(?:剩余|剩下|余下|其余)的?[^,。;\d未]{0,10}$"
)
_YET = lexicon.compiled(r"<money.not_yet>|[需应须要](?!付)|[前内][^,。;]{0,12}$")
# 8900多亿元账款已清偿75%: the whole of which a share was paid.
_SHARE_PAID = re.compile(r"[^,。;\d]{0,10}?(?:已|累计)?(?:清偿|化解|偿还|支付|兑付|付)了?(?:其中)?的?\d+(?:\.\d+)?%")
_SETTLED = re.compile(r"(?:已|先后|累计|陆续)(?:经)?结算(?:了)?$")
_NOT_GOT = re.compile(r"[^,。;\d]{0,8}(?:没有?|未|尚未)(?:能)?(?:拿到|收到|到手|到账|要到|讨到|领到)")
_GOT = re.compile(r"(?:收到|拿到|领到|要回|拿回|讨回|收回)了?$")
_OWED_MONEY = re.compile(r"的?[^,。;]{0,6}?(?:欠款|货款|账款|工程款|款项|材料款|尾款|回款|加工费|劳务费|现金|账|款)")
_APPLIED = re.compile(r"(?:申请|申报|争取|获批|审批|批复|发放|取得|办理|发行)的$")
_OVER = re.compile(r"对(?!账)[^,。;]{0,16}$")  # 双方对剩余的42万元存在分歧
_PAYING_FUNDS = lexicon.compiled(r"(?:<money.paying>|偿债|还款|清欠)资金$")
_ALL_CALLED = re.compile(rf"{_NOUN}(?:全部|均|都|皆)(?:为|属于?|系|是)(?:存在|有)?(?P<no>无)?(?:分歧|争议|异议)")
_OWED_SINCE = re.compile(r"拖欠(?!的|账款|款项)|[共所]欠|逾期")
_EXCEPT = re.compile(r"除[^,。;]{0,16}$")
_SET_ASIDE = re.compile(r"(?:安排|投入|列支|调剂|筹资|出资|筹集|筹措)了?$")
_TO_PAY = lexicon.compiled(r"(?:资金)?(?:全部|专项|优先)?用于[^,。;]{0,4}<money.paying>")


def own_role(piece: Piece) -> tuple[AmountRole | None, str]:
    """The role told by the words around a figure; None when its clause says nothing."""
    before, after = piece.before, piece.after
    if _is_threshold(piece):
        return "other", "amount.threshold"
    if _NOT_ARREARS.match(after):
        return "other", "amount.apart"
    role = role_of_words(before)
    if role in (None, "debt_total") and _NO_MEANS.match(after):
        return "remaining", "amount.after"
    if role is None and _CLAIMED.search(before):
        return "debt_total", "amount.before"  # 市水利局负责的1200万元,11月底前支付完毕; 投诉的170万元中
    if role in (None, "other") and _GOT.search(before) and _OWED_MONEY.match(after):
        return "cleared", "amount.after"  # 收到87万元货款的那天
    if role in (None, "debt_total") and _HANDED.match(after) and _YET.search(before) is None:
        return "cleared", "amount.after"
    if role == "remaining" and _PAID_REST.search(before) and _YET.search(_PAID_REST.sub("", before)) is None:
        return "cleared", "amount.before"
    taken = _TAKEN.search(before) is not None and _GIVEN.match(after) is not None
    if role in (None, "debt_total", "remaining") and taken and _YET.search(before.replace("余款", "")) is None:
        return "cleared", "amount.after"
    if role in (None, "debt_total") and _SHARE_PAID.match(after):
        return "debt_total", "amount.after"
    if role is None and _SETTLED.search(before) and _OWED_MONEY.match(after):
        return "cleared", "amount.before"  # 建设单位此前已结算450万元工程款
    if role in (None, "other") and _ONLY_GOT.search(before):
        return "cleared", "amount.before"  # 讨要30余次,仅去年底收到50万元
    if role is None and _GOT_BACK.match(after):
        return "cleared", "amount.after"  # 1268万元货款已全部收回
    if role is None and _NOT_GOT.match(after):
        return "remaining", "amount.after"  # 我们企业的65万元还没拿到
    if role is None and _MAY_PAY.match(after):
        return "other", "amount.fund"  # 其中600万元可用于支付工程款
    if role in (None, "remaining") and _UNSPENT.match(after):
        return "other", "amount.after"
    if _EXCEPT.search(before) and after.startswith(("外", "之外", "以外")):
        return ("disputed" if role == "disputed" else "remaining"), "amount.except"
    if role == "other" and _SET_ASIDE.search(before) and _TO_PAY.match(after):
        return "cleared", "amount.after"  # 安排3.6亿元用于清偿拖欠账款
    if role is None and _OVER.search(before) and _IN_DISPUTE.match(after):
        return "disputed", "amount.after"
    if role is None and (_QUARREL_OF.match(after) or _QUARRELLED.match(after)):
        return "disputed", "amount.after"
    if role in (None, "debt_total") and _AGREED.match(after):
        return "undisputed", "amount.after"
    if _APPLIED.search(before) and _FUND.match(after):
        return "other", "amount.fund"  # 剩余部分待申请的1.5亿元流动资金贷款获批后付清
    if role is not None:
        return _become(role, piece), "amount.before"
    if _FUND.match(after):
        return "other", "amount.fund"  # 设立500万元清欠周转金
    role = role_of_words(_ORDERED.split(after)[0], allow_other=False) or role_of_words(after, allow_other=False)
    return (role, "amount.after") if role is not None else (None, "")


def _become(role: AmountRole, piece: Piece) -> AmountRole:
    """The role after what the same clause says became of the sum: 货款80万元已清偿 is paid, 尾款50万元未付 is left."""
    if (_OVER.search(piece.before) or _QUARREL_OF.match(piece.after)) and _IN_DISPUTE.match(piece.after):
        return "disputed"
    if role in ("remaining", "debt_total") and _QUARRELLED.match(piece.after):
        return "disputed"
    if role == "other" and _PAYING_FUNDS.search(piece.before):
        return "cleared" if (m := _NOW_PAID.match(piece.after)) and re.search("发放|兑付|支付", m["deed"]) else role
    if role not in ("debt_total", "undisputed") or not piece.after:
        return role
    if called := _ALL_CALLED.match(piece.after):
        return "undisputed" if called["no"] else "disputed"
    if last_end("role_total_strong", piece.before) >= 0:
        return role
    if (m := _NOW_PAID.match(piece.after)) and lexicon.compiled("<money.role_cleared>").search(m["deed"]):
        return "cleared"
    unpaid = _NOW_UNPAID.match(piece.after)
    if role == "debt_total" and unpaid and not _OWED_SINCE.search(piece.before):
        return "remaining" if lexicon.compiled("<money.role_cleared>|付").search(unpaid["deed"]) else role
    return role


def _is_threshold(piece: Piece) -> bool:
    """500万元以下的欠款, 单笔50万元以上, 不超过100万元: a limit of a rule, not a sum of money that is owed."""
    if piece.before.endswith(("(含", "不含")) or (piece.before.endswith("含") and not piece.after):
        return True  # 50万元以下（含50万元）
    if piece.value.bound is None:
        span = piece.value.high is not None and piece.value.quantum is None
        if span and piece.after.startswith("的") and re.search(r"^$|(?:对|凡|在)$", piece.before):
            return True  # 对100万元至500万元的, 100万元至500万元的
        over = piece.value.high is not None and piece.value.high == piece.value.low * Decimal("1.1")
        if over and piece.after.startswith("的") and role_of_words(piece.before) in (None, "debt_total"):
            return True  # 超过500万元的单位
        return bool(lexicon.compiled(r"(?:单笔|每笔)(?:金额|欠款|账款)?(?:在|为|达到)?$").search(piece.before))
    if piece.value.bound.startswith(("最高", "最多", "最低", "不高于", "不超过", "不得超过")):
        return True  # 给予最高500万元授信
    if piece.value.bound.startswith(("不低于", "不少于", "至少")) and not re.search(r"已|累计|共|达", piece.before):
        return True  # 全年清偿额不低于5亿元: a target
    if lexicon.compiled(r"^\s?(?:\([^()]{1,8}\))?<money.threshold_after>").search(piece.after):
        return True
    if lexicon.compiled(r"<money.threshold_before>\s?$").search(piece.before):
        return True
    return role_of_words(piece.before) is None
