"""Amounts of money with what they count: total, cleared, remaining, disputed, undisputed, new debt, or other.

The role is read from the noun phrase the figure belongs to, nearest words first; a figure that is one of several
under a head (其中：工程款…) takes the head's role.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from decimal import Decimal

from extractors.document import Document
from extractors.facts import Amount, AmountRole, Deadline
from extractors.rules import lexicon, money
from extractors.rules.engine import Hit, Spans
from extractors.rules.money import Money
from extractors.rules.numbers import arabic, quantum
from extractors.rules.segment import Outline

# No clause of prose is longer; text without punctuation must not make reading quadratic.
_REACH = 300


@dataclass(frozen=True, slots=True)
class _Piece:
    """One figure of the text with its words: before it in its clause, after it up to the next figure or mark."""

    start: int
    end: int
    value: Money
    rule: str
    before: str
    after: str  # cut short where its words already speak of the next figure (80万元已清偿50万元)


def find_amounts(
    document: Document, outline: Outline, masked: Spans, deadlines: tuple[Deadline, ...], issued: dt.date | None
) -> tuple[Amount, ...]:
    """All amounts in order, each with role, scope and the date it holds for."""
    text = outline.view.text
    hits = money.LAYER.scan(text, masked)
    pieces = _pieces(text, outline, hits)
    cutoffs = as_of_dates(outline, deadlines)
    out: list[Amount] = []
    head: tuple[AmountRole, int, int] | None = None  # role of the last amount, its sentence, its end
    whole: AmountRole | None = None  # role of the sum that 其中 divides
    for piece in pieces:
        sentence = outline.sentence_at(piece.start)[0]
        if head is None or head[1] != sentence:
            whole = None
        elif _DIVIDES.search(text, head[2], piece.start):
            whole = head[0]
        role, basis = _role(piece)
        if basis == "amount.after" and lexicon.compiled("<money.role_total_neutral>$").search(piece.before):
            # 形成的应付款项，合计11亿元: what is summed up stands before
            told = _role_of_context(text[max(sentence, piece.start - 2 * _REACH) : piece.start])
            role = told if told != "other" else role
        if whole is not None and (
            role is None or (role == "debt_total" and _ends("role_total_strong", piece.before) < 0)
        ):
            role = whole
        same = head is not None and head[1] == sentence
        falls = _FALLS_TO.search(piece.before) is not None
        if falls and (role in (None, "debt_total") or (same and head is not None and head[0] != "other")):
            role = "other" if same and head is not None and head[0] == "other" else "remaining"
        elif role == "debt_total" and same and head is not None and _ITEM.fullmatch(piece.before):
            role = head[0] if head[0] in ("cleared", "remaining") else role
        elif role == "debt_total" and same and head is not None and head[0] == "cleared":
            role = "remaining" if _STILL_OWED.fullmatch(piece.before) else role  # 已付1800万元,欠付500万元
        if role == "other" and basis == "amount.before" and _BENEFITS.match(text, piece.end):
            role = _role_of_words(piece.before.replace("前", "")) or role  # 春节前集中兑付4630万元,惠及企业215家
        if role == "debt_total" and _CONCERNED.fullmatch(piece.before):
            # 正在办理7条,涉及欠款2900万元: the clause before tells what became of them
            floor = max(sentence, head[2] if same and head is not None else 0, piece.start - 2 * _REACH)
            told = _role_of_context(text[floor : piece.start - len(piece.before)])
            role = told if told in ("cleared", "remaining", "disputed") else role
        achieved = role in (None, "other", "remaining") and _ACHIEVED.fullmatch(piece.before) is not None
        if achieved and _CLEARING.search(text, max(sentence, piece.start - _REACH), piece.start):
            role = "cleared"  # 年度清偿任务2.5亿元,目前完成1.1亿元
        if _SIGNED.search(text, max(sentence, piece.start - _REACH), piece.start):
            role, basis = "other", "amount.before"  # 签订合同86份，总金额7453万元
        listed = head is not None and head[1] == sentence and _JOINED.fullmatch(piece.before) is not None
        if head is not None and listed and basis in ("", "amount.after"):
            role = head[0]  # 分别为35万元和17万元
        if role is None:
            between = text[max(sentence, head[2] if head is not None else 0, piece.start - 2 * _REACH) : piece.start]
            told = _role_of_context(between)
            inherited = head is not None and head[1] == sentence and told == "other"
            role = head[0] if inherited and head is not None else told
            if role == "other" and lexicon.compiled("<money.role_total_neutral>").search(piece.before):
                role = "debt_total"
        head = (role, sentence, piece.end)
        start, end = outline.view.span(piece.start, piece.end)
        value = piece.value
        flags = []
        if value.conflict:
            flags.append("amount_words_mismatch")
        if role == "remaining" and lexicon.compiled(r"<money.role_disputed>").search(piece.after):
            flags.append("disputed")
        out.append(
            Amount(
                text=document.text[start:end],
                start=start,
                end=end,
                rule=piece.rule,
                evidence=document.evidence(start, end),
                flags=tuple(flags),
                amount_yuan=value.low if value.high is None else (value.low, value.high),
                approx=value.approx,
                role=role,
                as_of=as_of(cutoffs, outline, piece.start, issued),
                scope=_scope(piece),
                debtor=_debtor(piece),
                creditor=_creditor(piece),
                quantum_yuan=value.quantum,
            )
        )
    return tuple(out)


def _pieces(text: str, outline: Outline, hits: list[Hit]) -> list[_Piece]:
    out: list[_Piece] = []
    floor = 0
    for k, hit in enumerate(hits):
        assert isinstance(hit.value, Money)
        clause_start, clause_end = outline.clause_at(hit.start)
        _, clause_end = outline.clause_at(hit.end - 1)
        nxt = hits[k + 1].start if k + 1 < len(hits) else len(text)
        p = outline.paragraph_at(hit.start)
        clause_start = max(clause_start, p.start + len(p.marker) if hit.start >= p.start + len(p.marker) else p.start)
        clause_start, clause_end = max(clause_start, hit.start - _REACH), min(clause_end, hit.end + _REACH)
        before = text[max(clause_start, floor) : hit.start]
        after = text[hit.end : min(clause_end, nxt)]
        if nxt < clause_end and not after.endswith(("、", "和", "及", "与")):
            after = _NEXT_FIGURE.split(after)[0]
        for a, b in money.shared_unit(text, hit.start):
            value = _with_unit_of(text[a:b], hit)
            if value is not None and a >= floor:
                out.append(_Piece(a, b, value, "money.shared_unit", text[max(clause_start, floor) : a] or before, ""))
                before = text[max(clause_start, floor) : a] or before
        out.append(_Piece(hit.start, hit.end, hit.value, hit.rule, before, after))
        floor = hit.end
    return out


def _with_unit_of(figure: str, hit: Hit) -> Money | None:
    """A bare figure of a list read in the unit of the last one: 200、300和150万元."""
    assert isinstance(hit.value, Money)
    number = arabic(figure)
    if number is None or hit.value.high is not None or not hit.value.scale:
        return None
    scale = hit.value.scale
    return Money(number.scaleb(scale), quantum=quantum(figure).scaleb(scale), scale=scale)


def _ends(name: str, text: str) -> int:
    """Where the last word of a list ends in a text; -1 when there is none."""
    end = -1
    for m in lexicon.compiled(f"<money.{name}>").finditer(text):
        end = m.end()
    return end


# 剩余2亿元，按主体划分：机关1亿元、企业1亿元: the parts have the role of the whole.
_DIVIDES = re.compile(r"其中|划分|分别[为是]|包括|具体[为是]|构成|分[^,。;]{1,8}看")
# 1268万元新增拖欠要清零: what the sum is stands before the order.
_ORDERED = re.compile(
    r"要|应当|必须|须|将|力争|确保|列入|纳入|分期|分[一二两三四五\d]?[年批次]|计划|拟|预计|承诺(?!书|函)|约定(?!书)"
)
_SIGNED = re.compile(r"(?:签订|签署)[^。;]{0,30}合同[^。;]{0,12}份,(?:合同)?(?:总)?金额(?:合计|共计|为|达)?$")
_FUND = re.compile(
    r"的?[^,。;]{0,6}?(?:周转金|专项资金|奖补资金|专项债券?|债券|贷款|授信|资金池|补助资金|预算资金|专项借款|罚款|奖励)"
)
_JOINED = re.compile(r"\s?[、和及与]\s?")
# 1.3亿元欠款中已清偿2000万元: from here on the words belong to the figure that follows.
_NEXT_FIGURE = re.compile(r"其?中|[已尚仍未]|累计|剩余|实际|目前|现")
_NOUN = r"[^,。;()已未尚仍]{0,10}?"
# 货款80万元已清偿, 尾款150万元至今未付: the clause goes on to say what became of the sum.
_NOW_PAID = re.compile(
    rf"{_NOUN}(?:均|也|现|目前|都)?(?:已|全部|全额)(?!明确|纳入|列入|制定)(?P<deed>[^,。;未没]{{0,24}})"
)
_NOW_UNPAID = re.compile(
    rf"{_NOUN}(?:目前|至今|现|均|长期|一直)?(?:尚未|仍未|还未|未|没有)(?:能|得到|按[^,。;]{{0,6}})?(?P<deed>[^,。;]{{0,12}})"
)
_IN_DISPUTE = re.compile(rf"{_NOUN}(?:尚|仍|还)?(?:存在?|有)(?:较大|一定|质量|结算)?(?:争议|分歧|异议)")
_BENEFITS = re.compile(r"[^,。;\d]{0,6},[^,。;\d]{0,6}(?:惠及|受益|让|使)")
_OVER = re.compile(r"对(?!账)[^,。;]{0,16}$")  # 双方对剩余的42万元存在分歧
_FALLS_TO = re.compile(r"(?:下降|减少|降低|压减|压降|压缩|降|减)(?:到|至|为)(?:目前的|现在的|了)?$")
_CONCERNED = re.compile(r"[,、\s]*(?:共|共计|合计)?涉及(?:拖欠)?(?:欠款|账款|款项)(?:金额)?(?:共计|合计)?")
_ACHIEVED = re.compile(r"[,、\s]*(?:目前|现|截至目前|已|累计|实际|共)*完成(?:了)?")
_CLEARING = re.compile(r"(?:清偿|化解|清欠|偿还|支付|兑付|清零)")
# 较年初下降3.2亿元: a difference, not a sum that is owed or paid.
_DIFFERS = re.compile(r"(?:较|比|同比|环比)[^,。;]{0,12}?(?:净?(?:下降|减少|增加|增长)|上升|降低|多|少)(?:了)?$")
_NO_DEBT = re.compile(r"(?:预留|多付|超付|预付|未到期|追缴违法)[^,。;已]{0,10}$")
_WITH_INTEREST = re.compile(r"(?:及|和|、)(?:逾期)?(?:违约金|利息|诉讼费)(?=等?(?:共|合|总)计?$)")
# 支付进度款1100万元、材料款300万元, (含农民工工资230万元): a further item of what is told.
_ITEM = re.compile(r"\s?(?:[、和及与]|\((?:其中)?含)[^,、。;欠逾应未争歧]{1,10}")
_PAYING_FUNDS = re.compile(r"(?:清偿|偿债|还款|清欠|偿还)资金$")
_LEFT_OVER = re.compile(r"(?:^|[,、])(?:尚|还|仅|现)?余$")
_ALL_CALLED = re.compile(rf"{_NOUN}(?:全部|均|都|皆)(?:为|属于?|系|是)(?:存在|有)?(?P<no>无)?(?:分歧|争议)")
_STILL_OWED = re.compile(
    r"[,\s]*(?:目前|现|至今|实际?|仍|还)?(?:拖?欠付?)(?:款|账款|工程款|货款|金额|余额)?(?:为|约为)?"
)
_SURVEY = re.compile(r"清理(?:拖欠|欠款|账款|款项)?")
_UNPAID = re.compile(
    r"(?:代替|替代|虚假|未|没有|待|应|需|暂不能|无法|难以|尚需|仍需|须|无力)(?:能|及时|按时|按期|按约|按[^,。;]{0,12}?(?:约定|规定|进度|计划|节点)(?:时间)?|按合同|足额|全部|完全|实质性?|真正|实际|优先|尽快|限期)?"
    r"(?:清偿|偿还|支付|化解|兑付|付清|结清|还清|归还|解决|到位|清零|销号|办结|付款|拨付|筹措|筹集)"
)


# 国家清欠系统, 还款协议, 清偿计划: named after paying, but nothing is paid.
_NAMED_AFTER = re.compile(
    r"(?:清欠|清偿|偿还|还款|支付|付款|化解|清理|清账)(?=系统|平台|台账|协议|计划|方案|专班|办|工作|专项|行动|责任|能力|承诺|义务|条例"
    r"|程序|申请|手续|审批|凭证|条件|环节|流程|节点|意愿|清单|期限|约定|压力|进度|率|比例|资金)"
    r"|未办结|转移支付|拨付(?=滞后|不及时|不到位|缓慢)|(?:结算|审计|决算|验收|手续|鉴定)[^,。;]{0,4}(?:尚未|未)完成"
)
# The decree's own phrase for arrears (第十六条), and the ledgers' one: the whole sum, not a rest.
_OVERDUE = re.compile(r"逾期(?:尚)?未(?:支付|付)|应付未付")
_OWED_SINCE = re.compile(r"拖欠(?!的|账款|款项)|[共所]欠|逾期")
# 判决支付货款126万元: what a court orders to be paid is owed.
_ADJUDGED = re.compile(
    r"(?:判决|判令|裁决|裁定|责令|要求|请求|诉请|主张|起诉)[^,。;]{0,16}?(?:支付|偿还|清偿|给付|归还|返还)"
)
_OWE_VERB = re.compile(r"(?<![清拖新])欠(?!缺|条|税|费)[^,。;]{0,24}$")


def _blanked(name: str, text: str) -> str:
    """A text with the words of a list blanked out, so that 无分歧欠款 is not read as 分歧欠款."""
    return lexicon.compiled(f"<money.{name}>").sub(lambda m: "\0" * len(m.group()), text)


def _role(piece: _Piece) -> tuple[AmountRole | None, str]:
    """The role told by the words around a figure; None when its clause says nothing."""
    before, after = piece.before, piece.after
    if _is_threshold(piece):
        return "other", "amount.threshold"
    role = _role_of_words(before)
    if role is not None:
        return _become(role, piece), "amount.before"
    if _FUND.match(after):
        return "other", "amount.fund"  # 设立500万元清欠周转金
    role = _role_of_words(_ORDERED.split(after)[0], allow_other=False) or _role_of_words(after, allow_other=False)
    return (role, "amount.after") if role is not None else (None, "")


def _become(role: AmountRole, piece: _Piece) -> AmountRole:
    """The role after what the same clause says became of the sum: 货款80万元已清偿 is paid, 尾款50万元未付 is left."""
    if role == "remaining" and _OVER.search(piece.before) and _IN_DISPUTE.match(piece.after):
        return "disputed"
    if role == "other" and _PAYING_FUNDS.search(piece.before):
        return "cleared" if (m := _NOW_PAID.match(piece.after)) and re.search("发放|兑付|支付", m["deed"]) else role
    if role not in ("debt_total", "undisputed") or not piece.after:
        return role
    if called := _ALL_CALLED.match(piece.after):
        return "undisputed" if called["no"] else "disputed"
    if _ends("role_total_strong", piece.before) >= 0:
        return role
    if (m := _NOW_PAID.match(piece.after)) and lexicon.compiled("<money.role_cleared>").search(m["deed"]):
        return "cleared"
    unpaid = _NOW_UNPAID.match(piece.after)
    if role == "debt_total" and unpaid and not _OWED_SINCE.search(piece.before):
        return "remaining" if lexicon.compiled("<money.role_cleared>|付").search(unpaid["deed"]) else role
    return role


def _is_threshold(piece: _Piece) -> bool:
    """500万元以下的欠款, 单笔50万元以上, 不超过100万元: a limit of a rule, not a sum of money that is owed."""
    if piece.before.endswith(("含", "(含", "不含")):
        return True  # 50万元以下（含50万元）
    if piece.value.bound is None:
        span = piece.value.high is not None and piece.value.quantum is None
        if span and piece.after.startswith("的") and piece.before.endswith(("对", "凡", "金额在", "在")):
            return True  # 对100万元至500万元的
        over = piece.value.high is not None and piece.value.high == piece.value.low * Decimal("1.1")
        if over and piece.after.startswith("的") and _role_of_words(piece.before) in (None, "debt_total"):
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
    return _role_of_words(piece.before) is None


def _role_of_words(words: str, *, allow_other: bool = True) -> AmountRole | None:
    """The role a noun phrase gives to the figure that follows it; narrower readings first."""
    if not words:
        return None
    if _LEFT_OVER.search(words):
        return "remaining"
    if allow_other and (_NO_DEBT.search(words) or _DIFFERS.search(words)):
        return "other"
    words = _WITH_INTEREST.sub(lambda m: "\0" * len(m.group()), words)
    words = _OVERDUE.sub(lambda m: m.group()[:2] + "\0" * (len(m.group()) - 2), words)
    other = _ends("role_other", words) if allow_other else -1
    words = _NAMED_AFTER.sub(lambda m: "\0" * len(m.group()), words)
    if _ADJUDGED.search(words):
        words = _ADJUDGED.sub(lambda m: "应付".rjust(len(m.group()), "\0"), words)
    plain = _UNPAID.sub(lambda m: "\0" * len(m.group()), words)
    cleared = _ends("role_cleared", plain)
    remaining = max(
        _ends("role_remaining", words),
        _last(_UNPAID, words) if not re.search(r"应(?:清偿|偿还|还|支?付)", words) else -1,
    )
    undisputed = _ends("role_undisputed", words)
    disputed = _ends("role_disputed", _blanked("role_undisputed", words))
    strong, total, new = _ends("role_total_strong", words), _ends("role_total", words), _ends("role_new", words)
    debts = max(cleared, remaining, disputed, undisputed, total, strong, new)
    if (other >= max(debts, 0)) or (other >= 0 and other >= debts - 1 and cleared < 0 and remaining < 0):
        return "other"
    if new >= 0 and not re.search(r"(?:防止|严防|杜绝|避免|遏制)[^,]{0,6}$", words[:new]):
        return "new_debt" if cleared < new else "cleared"
    if disputed >= 0 and (cleared < 0 or disputed > cleared + 12):
        return "disputed"
    if remaining >= 0 and remaining >= cleared:
        return "remaining"
    if cleared >= 0:
        return _cleared_or_total(plain, strong)
    if undisputed >= 0:
        return "undisputed"
    return "debt_total" if max(strong, total) >= 0 or _OWE_VERB.search(words) else None


def _cleared_or_total(words: str, strong: int) -> AmountRole:
    """清理…总额 is the sum surveyed; 清偿, 支付 and the like have happened unless only planned."""
    only_survey = not lexicon.compiled("<money.role_cleared>").search(_SURVEY.sub("", words))
    if only_survey and strong >= 0:
        return "debt_total"
    planned = (
        r"(?:<money.role_target>|前|年内|月内|下半年|半年内|(?<![按照])约定|承诺|商定|每[月年季]|逐[月年]|分期)"
        r"[^,]{0,16}<money.role_cleared>"
    )
    if lexicon.compiled(planned).search(words) and not re.search(r"已|累计|共|先后|了", words):
        return "other"
    return "cleared"


def _last(pattern: re.Pattern[str], text: str) -> int:
    end = -1
    for m in pattern.finditer(text):
        end = m.end()
    return end


def _role_of_context(context: str) -> AmountRole:
    """The role that clauses before a silent figure give (化解账款386笔，涉及金额…), nearest first."""
    for clause in reversed(re.split(r"[,;:]", context)[-4:]):
        role = _role_of_words(clause, allow_other=False)
        if role is not None:
            return role
    return "other"


def as_of_dates(outline: Outline, deadlines: tuple[Deadline, ...]) -> list[tuple[int, dt.date]]:
    """Positions and days of the as-of dates of the text, in order."""
    return [
        (outline.view.position(d.start), dt.date.fromisoformat(d.resolved))
        for d in deadlines
        if d.kind == "as_of" and isinstance(d.resolved, str)
    ]


def as_of(
    cutoffs: list[tuple[int, dt.date]], outline: Outline, position: int, issued: dt.date | None
) -> dt.date | None:
    """The as-of date of a figure: the last one before it in its paragraph, else the document's own."""
    paragraph = outline.paragraph_at(position)
    before = [day for at, day in cutoffs if paragraph.start <= at < position]
    if before:
        return before[-1]
    return issued


_TRIM = re.compile(r"^(?:其中|截至[^,]*|目前|已|共|累计|并|[,;:、\s])+")


def _scope(piece: _Piece) -> str | None:
    """What the figure counts, in the text's own words: its clause without the figure."""
    words = f"{piece.before}{piece.after}".strip(" ,;:。、)(\n")
    words = _TRIM.sub("", words).strip()
    return words[:80] or None


_OWES = re.compile(
    r"(?P<debtor>[\u4e00-\u9fa5()]{3,40}?(?:公司|局|厅|委|政府|医院|学校|中心|集团|院|办|管委会|乡|镇"
    r"|街道办事处))\s?(?:尚|共|仍|长期)?(?:拖欠|欠付|尚欠|欠|应付)"
    r"(?P<creditor>[\u4e00-\u9fa5()]{3,40}?(?:公司|厂|集团|合作社|经营部|商行|商店|企业|事务所|工作室))?"
)


def _debtor(piece: _Piece) -> str | None:
    m = _OWES.search(piece.before)
    return m["debtor"] if m else None


def _creditor(piece: _Piece) -> str | None:
    m = _OWES.search(piece.before)
    return m["creditor"] if m else None
