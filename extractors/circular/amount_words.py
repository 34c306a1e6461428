"""The role a noun phrase gives to the figure beside it: total, cleared, remaining, disputed, undisputed, new, other.

Works on words alone; what the clause and its neighbours add is read in `amount_roles`.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache

from extractors.facts import AmountRole
from extractors.rules import lexicon

_LEFT_OVER = re.compile(r"(?:^|[,、])(?:尚|还|仅|现)?余$")
_NO_DEBT = re.compile(
    r"(?:[多超]支付|(?:重复|超额|超进度|超概算)(?:支付|付款|拨付)|预留|多付|超付|(?<!支付)(?<!付了)(?<!拨付)预付|未到期(?![商汇票承])|追缴违法)[^,。;已]{0,10}$|(?:核减|审减|调减)[^,。;]{0,12}$|剔除(?!后)[^,。;]{0,40}$|超额$|贷”?(?:累计|余额|共)?$"
    r"|(?:每年|年均|每月)[^,。;欠]{0,4}(?:发放|支付|拨付|投入)[^,。;欠]{0,12}$|(?:缴纳|收缴|缴存|预存)(?:了)?[^,。;欠退返还]{0,14}$"
    r"|(?:下达|承担|认领|分解)[^,。;]{0,12}(?:任务|目标|指标)[^,。;]{0,4}$"
    r"|(?:安排|落实|筹集|调度|统筹|争取|整合)[^,。;已\d]{0,8}资金$"
    r"|(?:安排|投入|配套|列支|调剂|筹资|出资|筹集|筹措|调度|调拨|落实|争取|申请|发行|拿出|挤出|腾出|注入|追加|融资|变现|募集|统筹|整合|借入|预拨|新批|获批)(?:到|了|到位)?$|(?:收回|盘活)[^,。;欠\d]{0,12}$"
)
# 中标金额426万元, 决算价为2890万元: what a work is worth.
_WORTH = re.compile(
    r"(?:中标|成交|交易|购销|买卖|合同|结算|决算|审定|审计|定案|送审|评审|概算|造价|投资|签约|采购|供货|标的|估算|暂定)[^,。;、欠付\d]{0,4}(?:金额|价款?|总价|总额|额|数)"
    r"(?:(?:合计|共计|总计|共|约)?[为是达]?)$|(?:扣除|扣减|扣留|抵扣)(?![^,。;]*(?:已|争议|分歧))[^,。;]{0,12}$"
    r"|(?:归还|收缴|上缴|退回|原渠道|收到|获得)[^,。;欠\d]{0,10}(?:资金|补助|奖补|补贴)$"
    r"|(?:返还|补助|奖补|扶持|稳岗|引导|补偿|担保|周转|救助|帮扶|应急|保障)资金$"
    r"|(?:归集|汇集|归拢|储备|调入|划入|注入|落实|协调|撬动|释放)[^,。;欠\d]{0,4}资金$"
    r"|(?:挪用|截留|套取|骗取|挤占|侵占)[^,。;\d]{0,14}$|欠缴[^,。;\d]{0,8}$"
    r"|(?:我公司|我集团|我司|我厂|我方|企业|施工方|施工单位|承包方|承包人)[^,。;\d]{0,14}垫[付资](?!款?已)[^,。;\d]{0,10}$"
    r"|(?:拨付|下达|下拨|分配|调拨)(?:至|到|给)?(?:各)?(?:县|区|乡镇|镇街|市县|下级|项目单位|主管部门|业主|欠款单位|债务单位)[^,。;欠\d]{0,6}$"
)
_WITH_INTEREST = re.compile(r"(?:及|和|、)(?:逾期)?(?:违约金|利息|诉讼费)(?=等?(?:共|合|总)[计共]?$)")
# 尚未到合同约定付款期限的41笔: not due, so not in arrears
_NOT_DUE = re.compile(
    r"未(?:到|届|达到?|满)[^,。;]{0,14}(?:期限|节点|条件|期|时间)(?:的|内)?(?:\([^()]*\))?[^,。;欠]{0,14}$"
)
# One word for each of these, so that no pattern has to know them all.
_ALREADY = re.compile(r"已经|业已|均已|都已")
_RECEIVABLE = re.compile(r"应收(?:欠款|欠账|款项|工程款|货款|回款|款)")
_SURVEY = re.compile(r"清理(?:拖欠|欠款|账款|款项)?")
# What is done to a debt: the listed verbs, and those made of the same characters (偿清, 退付, 结付, 讨回).
_PAYS = (
    r"(?:<money.role_cleared>|(?<![应欠预到收扣])(?!补偿)[清偿归退返补代支兑拨给结付还追讨抵冲销划汇缴]{1,2}(?:付|还|清|偿|讫|回|完)"
    r"|[已实仅只先共](?:付|还|退)(?!本|款|[出回休役])|付(?:出|给|到)|[只仅才先]给(?:了|付)?|[已共]清$|代发|(?<!每年)(?<!每月)发放(?:了)?[^,。;每]{0,8}(?:工资|欠薪|薪资|劳动报酬)|(?:调解|和解)结案|清理(?:了|无分歧|有分歧|无争议|存量|历史|各类|逾期|长期|政府|企业|民营|中小|的){1,3}(?:欠款|账款|款项)|追讨|讨薪|处置(?:小额|历史|存量|逾期|拖欠|纠纷|欠款|账款|投诉|线索)|(?<=[已共计未])处置(?=\d|$)|(?<!分期)履行(?![^,。;]{0,6}(?:职责|义务|责任|合同|协议|程序|承诺|约定)))"
)
_HOW = (  # how something is paid or not paid: 未按合同约定的节点足额支付
    r"(?:能|得到|及时|按时|按期|如期|按约|按[^,。;]{0,14}?(?:约定|规定|进度|计划|节点|承诺|要求|协议|判决)的?(?:时间|节点|期限)?|按合同|足额"
    r"|全部|全额|悉数|如数|完全|实质性?|真正|实际|优先|尽快|限期|一次性|彻底|予以|进行|完成|依法"
    r"|继续|再|立即|直接|正常|同步|有效|在[^,。;]{1,10}?[前内])"
    r"{0,3}"  # few: nested repetition on hostile text
)
_DEED = rf"(?:{_PAYS}|付款|付清|付给|付(?![出诸])|筹措|筹集|履行|给付|缴纳|偿|了结|还(?=[^是有需要会能可将款]))"
# 未支付, 没有按期偿还, 待化解: what is named after a deed that has not been done.
_UNPAID = lexicon.compiled(
    rf"(?:(?:尚|仍|还|均|都|并|亦|也)?未(?![来经])(?:曾|予)?|没有|没能|(?<!投)没(?![收有])|暂不能|暂不|暂缓|暂停|停止|延缓|延迟|推迟|不能|无法|难以|无力|无钱|无资金){_HOW}{_DEED}"
    rf"|(?<!应退)未{_HOW}退[还付]?|(?:尚|仍|还)?未(?:到位|下达|执行到位|履行到位)"
    rf"|(?:代替|替代|待|应|需|须|尚需|仍需){_HOW}(?:<money.role_cleared>|付款|付清|筹措|筹集|归还|到位|履行)"
)
# 较年初下降3.2亿元: a difference, not a sum that is owed or paid.
_DIFFERS = lexicon.compiled(
    rf"(?:较|比|同比|环比)[^,。;]{{0,12}}?(?:净?(?:下降|减少|增加|增长)|上升|降低|[多少](?:清|{_PAYS})?)(?:了)?$"
)
# 按计划应于年底前清偿的工程款: named by what should have been done with it
_SHOULD_BE_PAID = lexicon.compiled(
    rf"(?<!未按)(?:应|该|需|须|按计划)[^,。;已未]{{0,20}}{_PAYS}的[^,。;任务目标]{{0,8}}(?:款|款项|账款|费用?|工资|保证金)$"
)
_PAID = lexicon.compiled(_PAYS)
# 拒不支付, 迟迟不予结算付款: the debtor will not pay, the sum is owed.
_REFUSED = lexicon.compiled(
    rf"(?:拒不|拒绝|不予|迟迟不|迟迟未|拖延|拖着不|不肯|不愿|不愿意|长期不|一直不|至今不){_HOW}{_DEED}"
)
# 应清偿1.2亿元: what a ledger wants paid, told beside what was paid
_SHOULD = lexicon.compiled(rf"应(?:还|支?付|履行|退|{_PAYS})")
# 已清偿资金3.71亿元: paid, where 清偿资金 alone is money to pay with
_FUNDS_PAID = lexicon.compiled(rf"(?:已|累计|共(?![计同])|先后|实际){{1,2}}{_PAYS}资金$")
# 虚假化解问题3个、涉及210万元: told of as false, not as paid.
_FAKED = lexicon.compiled(rf"(?:虚假|虚增|伪造|虚构|假借)(?:[^,。;]{{0,6}}?){_DEED}")
# 国家清欠系统, 还款协议, 清偿计划: named after paying, but nothing is paid.
_NAMED_AFTER = lexicon.compiled(
    rf"(?<![需待应])(?:清欠|付款|清理|清账|{_PAYS})(?=应急|周转|基金|专户|任务|目标|指标|额度|系统|平台|台账|协议|计划|方案|专班|办|工作|专项|行动|责任|能力|承诺|义务|条例"
    r"|程序|申请|手续|审批|凭证|条件|环节|流程|节点|意愿|清单|期限|约定|压力|进度(?!款)|率|比例|资金)"
    r"|未办结(?=的)|转移支付|拨付(?=滞后|不及时|不到位|缓慢)|(?:结算|审计|决算|验收|手续|鉴定)[^,。;]{0,4}(?:尚未|未)完成"
)
# The decree's own phrase for arrears (第十六条), and the ledgers' one: the whole sum, not a rest.
_OVERDUE = lexicon.compiled(rf"逾期(?:尚|仍|还|至今|一直|均|实际)*未(?:能|实际|得到)*(?:付|{_PAYS})|应付未付")
# 判决支付货款126万元: what a court orders to be paid is owed.
_ADJUDGED = re.compile(
    r"(?:判令|判决)[^,。;]{0,40}?(?:支付|偿还|偿付|清偿|给付|归还|返还)|应(?:该|当)?[向给][^,。;前内]{1,16}?(?:支付|偿付|给付|偿还)|(?:判决|判令|裁决|裁定|责令|(?<!会议)要求(?![^,。;]{0,16}[前内])|请求|诉请|主张|起诉)[^,。;]{0,16}?(?:支付|偿还|清偿|给付|归还|返还)"
)
# 采取分期还款方式化解: how it was paid, not that it is yet to be paid.
_MANNER = re.compile(r"(?:分期|逐月|逐年|按月|约定)[^,。;]{0,6}?(?:方式|形式|办法|途径)")
# 收到了拖欠三年的42万元工程款: the creditor has it.
_RECEIVED = re.compile(
    r"(?:收到|拿到|领到|要回|拿回|讨要回)了?(?![^,。;]*(?:投诉|举报|反映|线索|来信|来函|转办|函|信访|通知|判决|诉求|申请|问题))"
    r"[^,。;]{0,18}(?:款|费|钱|工资|的|账”?)$"
)
_IN_HAND = re.compile(r"(?:^|[,;、])(?:尚|仍)?在办(?![公理结])|结转(?!资金|结余)")
# 因资金未到位形成欠款120万元: why it came about, not what became of it.
_CAUSE = re.compile(r"(?:因|由于)[^,。;]{2,24}?(?:造成|导致|形成|致使|引发)")
_CALLED_DISPUTED = lexicon.compiled(
    r"(?:<money.role_disputed>)|存在差异|有出入|不予认可|不认可|金额不一致|(?:存在|产生|尚有|仍有|(?<![没无])有)[^,。;无]{1,6}(?:争议|分歧|异议)"
    r"|(?:质量|结算|价款|存在|产生|引发|工期|(?<![没无])有|因|涉及?)[^,。;案]{0,4}纠纷(?!案|[^,。;]{0,2}\d)"
)
_CALLED_UNDISPUTED = lexicon.compiled(
    r"(?:<money.role_undisputed>)|(?:无|没有|不存在|并无|未有)[^,。;]{1,6}(?:争议|分歧|异议)|确认一致|确认无误|核对无误|核对一致|对账一致|(?<!不予)(?<![不未])认可"
)
# 清理0.94亿元: the bare verb at the figure is a deed.
_CLEANED = re.compile(r"(?<![待应需未])清理(?:了|完毕|金额|资金)?(?:共计|合计)?$")
_PAID_NEW = lexicon.compiled(rf"(?<!未){_PAYS}(?:了)?(?:当年|当期|本年|今年)?(?:新增|新发生|新产生|新形成)")
_INCURRED = re.compile(r"(?:产生|形成|累计发生)[^,。;\d]{1,10}(?:费用?|租金|款项?)(?:共|共计|合计)?$")
_RECALLED = re.compile(r"由[有无](?:分歧|争议)[^,。;]{0,6}?(?=调整|转|变更|改)")  # 由有分歧调整为无分歧: what it is now
_FOR_PAYING = re.compile(r"(?:用于|用来|用以)[^,。;]{0,6}$")
_NEWLY = lexicon.compiled(
    r"(?:<money.role_new>)|(?:新增|新发生|新产生|新形成|新出现|又发生|又形成|又产生|又出现|再次发生|再次出现|[生成现]新的)(?:了|的)?(?:新的)?"
    r"(?![^,。;]{0,4}(?:投诉|线索|录入|纳入|登记|排查|上报|信贷|贷款|专项|债券))[^,。;]{0,6}(?:拖欠|欠款|账款|逾期|欠账|欠付|欠薪|欠(?=[的\d]|$))"
)
# 对清理拖欠账款情况进行了专项审计: what was looked at, not what was done.
_LOOKED_AT = re.compile(
    r"(?:对|就|围绕)[^,。;\d]{2,40}?(?:情况|工作|问题|项目)(?:进行|开展|组织|实施)了?[^,。;]{0,6}"
    r"(?:审计|检查|督查|抽查|核查|调研|评估|巡察|调查)"
)
# 签订还款协议3条、604万元: agreed, and not yet paid.
_AGREED = re.compile(
    r"(?:签订|签署|达成|签了|重签)[^,。;]{0,6}(?:还款|清偿|付款|支付|分期)[^,。;]{0,4}(?:协议|计划)\s?\d+\s?[条笔件户家份项]"
)
_QUARREL = re.compile(r"[,、\s]*(?:其中)?(?:有)?(?:分歧|争议)(?:的|款|额)?(?:为|有)?")  # 分歧4.2亿元,无分歧19.4亿元
_STILL_OWES = re.compile(r"(?<![偿归清发])还欠|(?<!以)下欠")
_HAS_HAPPENED = re.compile(
    r"已(?!承诺|约定|商定|明确|制定|同意|计划|达成|签)|累计|共(?![计同])|先后|了(?!解)|[仅只才](?!需|要)"
)
_OWE_VERB = re.compile(r"(?<![清拖新])欠(?!缺|条|税|费)[^,。;]{0,24}$")


# 完成清偿任务共计1372万元: a task that is done.
_FULFILLED = re.compile(
    r"(?<!力争)(?<!确保)(?<!全面)(?<!须)(?<!要)(?:已|提前|超额|全部|如期|按期|累计|实际)*完成了?[^,。;目未]{0,40}?"
    r"(?:清偿|清欠|还款|化解|偿还|支付|兑付)(?:任务|工作)(?:共计|合计|共|达)$"
)
# 贷款余额, 资产总额: the last noun says whose rest or total it is.
_RANKED = lexicon.compiled(
    r"(?<![欠账])<money.role_other>(?:总额|总量|总金额|总数|余额|结余|规模)(?:合计|共计|总计|共)?[为达是]?$"
)
# 拖欠教师绩效工资: whatever is owed is owed.
_OWED_PAY = lexicon.compiled(
    r"(?:拖欠|欠付|欠发|共欠)[^,。;]{0,30}?<money.owed_pay>(?:等)?(?:费用|款项|资金|各项)?(?:共计|合计|总计|共)?$"
)


# 计划支付, 年底前清偿: yet to be done.
_PLANNED = lexicon.compiled(
    r"(?:计划(?!内)|拟|打算|准备(?!金)|争取(?!到|上级|中央|省|资金|了)|预计|同意|力争|确保|务求|保证(?!金)|将|需(?!求)|待|应(?!急|用|对|收|邀|届)|(?<![主重需只])要(?!素)|目标|(?<![提目当诉庭事此先会])前(?!\d|[一二两三四五六七八九十几]+个?[月季年周天日])|年内|月内|下半年|半年内|(?<![按照])约定|承诺|商定|答应|许诺|每[月年季]|逐[月年]|分期)"
    rf"[^,]{{0,16}}{_PAYS}"
)
_MARK = re.compile(r"[,;:]")
_PREVENTED = re.compile(r"(?:防止|严防|杜绝|避免|遏制)[^,]{0,6}$")


@lru_cache(maxsize=1024)  # asked several times of the same words by the figures of one sentence
def role_of_words(words: str, *, allow_other: bool = True) -> AmountRole | None:
    """The role a noun phrase gives to the figure that follows it; narrower readings first."""
    if not words:
        return None
    words = _RECEIVABLE.sub("应收账款", _ALREADY.sub("已", words))
    if _LEFT_OVER.search(words):
        return "remaining"
    if _QUARREL.fullmatch(words):
        return "disputed"
    if _RECEIVED.search(words) or _FULFILLED.search(words):
        return "cleared"
    if _FUNDS_PAID.search(words):
        return "cleared"
    if _SHOULD_BE_PAID.search(words):
        return "debt_total"
    if allow_other and (_RANKED.search(words) or _NOT_DUE.search(words)):
        return "other"
    if allow_other and (_NO_DEBT.search(words) or _WORTH.search(words) or _DIFFERS.search(words)):
        return "other"
    words = _RECALLED.sub(lambda m: "\0" * len(m.group()), words)
    words = _WITH_INTEREST.sub(lambda m: "\0" * len(m.group()), words)
    words = _LOOKED_AT.sub(lambda m: "\0" * len(m.group()), words)
    words = _CAUSE.sub(lambda m: "\0" * len(m.group()), words)
    words = _OVERDUE.sub(lambda m: m.group()[:2] + "\0" * (len(m.group()) - 2), words)
    other = last_end("role_other", words) if allow_other and _OWED_PAY.search(words) is None else -1
    agreed = _last(_AGREED, words)
    words = _NAMED_AFTER.sub(lambda m: "\0" * len(m.group()), words)
    if _REFUSED.search(words):
        words = _REFUSED.sub(lambda m: "拖欠".rjust(len(m.group()), "\0"), words)
    if (faked := _FAKED.search(words)) and last_end("role_total_strong", words[faked.end() :]) < 0:
        return "other"
    if _ADJUDGED.search(words):
        words = _ADJUDGED.sub(lambda m: "应付".rjust(len(m.group()), "\0"), words)
    plain = _UNPAID.sub(lambda m: "\0" * len(m.group()), words)
    cleared = _last(_PAID, plain)
    remaining = max(
        agreed,
        last_end("role_remaining", words),
        _last(_STILL_OWES, words),
        _last(_IN_HAND, words),
        _last(_UNPAID, words) if not _SHOULD.search(words) else -1,
    )
    undisputed = _last(_CALLED_UNDISPUTED, words)
    disputed = _last(_CALLED_DISPUTED, _CALLED_UNDISPUTED.sub(lambda m: "\0" * len(m.group()), words))
    strong, total, new = (
        last_end("role_total_strong", words),
        max(last_end("role_total", words), _owes(words)),
        _last(_NEWLY, words),
    )
    debts = max(cleared, remaining, disputed, undisputed, total, strong, new)
    if (other >= max(debts, 0)) or (other >= 0 and other >= debts - 1 and cleared < 0 and remaining < 0):
        return "other"
    if new >= 0 and not _PREVENTED.search(words[:new]):
        return "new_debt" if cleared < new and _PAID_NEW.search(words) is None else "cleared"
    if disputed >= 0 and (cleared < 0 or disputed > cleared + 12):
        return "disputed"
    if remaining >= 0 and remaining >= cleared:
        return "remaining"
    if cleared >= 0:
        done = _cleared_or_total(plain, strong)
        return of_plan(words, done) if done == "other" or _FOR_PAYING.search(words[:cleared]) else done
    if _CLEANED.search(words):
        return "cleared"
    if undisputed >= 0:
        return "undisputed"
    return "debt_total" if max(strong, total) >= 0 or _OWE_VERB.search(words) or _INCURRED.search(words) else None


def of_plan(words: str, otherwise: AmountRole = "other") -> AmountRole:
    """The role of a sum that is only to be paid: what the words call it (付清无争议款项90万元), else other."""
    called = _last(_CALLED_UNDISPUTED, words)
    return "undisputed" if called > last_end("role_cleared", words) else otherwise


def _cleared_or_total(words: str, strong: int) -> AmountRole:
    """清理…总额 is the sum surveyed; 清偿, 支付 and the like have happened unless only planned."""
    only_survey = not _PAID.search(_SURVEY.sub("", words))
    if only_survey and strong >= 0:
        return "debt_total"
    if _PLANNED.search(_MANNER.sub("", words)) and not _HAS_HAPPENED.search(words):
        return "other"
    return "cleared"


def _owes(words: str) -> int:
    """Where 欠 stands as the verb (某项目欠施工企业6230万元); -1 where it does not."""
    m = _OWE_VERB.search(words)
    return m.start() + 1 if m else -1


def _last(pattern: re.Pattern[str], text: str) -> int:
    end = -1
    for m in pattern.finditer(text):
        end = m.end()
    return end


def role_of_context(context: str) -> AmountRole | None:
    """The role that clauses before a silent figure give (化解账款386笔，涉及金额…), nearest first; None for none."""
    for clause in reversed(_MARK.split(context)[-4:]):
        role = role_of_words(clause, allow_other=False)
        if role is not None:
            return role
    return None


def last_end(name: str, text: str) -> int:
    """Where the last word of a list ends in a text; -1 when there is none."""
    return _last(_listed(name), text)


@cache
def _listed(name: str) -> re.Pattern[str]:
    return lexicon.compiled(f"<money.{name}>")
