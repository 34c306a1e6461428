"""Constructions that tie a figure to the other figures and clauses of its sentence; `amount_roles` applies them.

Patterns over the normalised view (half-width marks). Those used with `fullmatch` describe all words between two
figures, those that end in `$` the words right before one.
"""

from __future__ import annotations

import re

from extractors.rules import lexicon

# 剩余2亿元，按主体划分：机关1亿元、企业1亿元: the parts have the role of the whole.
DIVIDES = re.compile(r"其中|(?<![\u4e00-\u9fa5])含(?![税量金])|划分|分别[为是]|包括|具体[为是]|构成|分[^,。;]{1,8}看")
SIGNED = re.compile(
    r"(?:签订|签署|执行|履行)[^。;]{0,30}合同[^。;]{0,12}份[,、](?:合同)?(?:总额|(?:总)?金额)(?:合计|共计|为|达|超过)?$"
)
JOINED = re.compile(r"\s?[、和及与]\s?")
# 拖欠包括2000万元农民工工资在内的9400万元: the whole has the role of the part that is named before it.
INCLUDING = re.compile(r"[^,。;]{0,14}在内的?[^,。;\d]{0,4}")
BENEFITS = re.compile(r"[^,。;\d]{0,6},[^,。;\d]{0,6}(?:惠及|受益|让|使)")
FALLS_TO = re.compile(r"(?:下降|减少|降低|压减|压降|压缩|降|减)(?:到|至|为)(?:目前的|现在的|了)?$")
CONCERNED = re.compile(r"[,、\s]*(?:共|共计|合计)?涉及(?:拖欠)?(?:欠款|账款|款项)(?:金额)?(?:共计|合计)?")
ACHIEVED = re.compile(r"[,、\s]*(?:目前|现|截至目前|已|累计|实际|共|仅|只|才)*完成(?:了)?")
CLEARING = lexicon.compiled(r"<money.paying>|清欠|清零")
# 支付进度款1100万元、材料款300万元, (含农民工工资230万元): a further item of what is told.
ITEM = re.compile(r"\s?(?:[、和及与]|\((?:其中)?含)[^,、。;欠逾应未争歧]{1,10}")
# 已付12笔、830万元: how many, before how much
COUNT = re.compile(r"(?<=[\u4e00-\u9fa5)])\d+\s?[笔件户家条个项起宗][、,]?(?:总?金额|资金)?$")
STILL_OWED = re.compile(
    r"[,、;\s]*(?:目前|现有?|至今|实际?|仍|还|尚有)?(?:(?:拖?欠付?)(?:款|账款|工程款|货款|金额|余额)?|(?:拖欠|欠付|下欠|欠)[^,。;、]{1,10})(?:为|约为)?"
)
# A sentence that divides the last figure of the one before, in the same paragraph.
OF_WHICH = re.compile(
    r"[^。\n]{0,30}。\s?(?:其中|按[^,。;]{1,10}[分看]?,|从[^,。;]{1,10}看,|分[^,。;]{1,8}看,)[^。;\n]{0,40}"
)
OWED = ("debt_total", "remaining", "cleared")
PARTS = 5  # so many figures back a sum is looked for that others divide
# Between two figures of one list: 、国有企业.
GOES_ON = re.compile(r"[、和及与][^,。;:()、]{0,16}")
CHANGES = re.compile(r"[,\s]?净?(?:减少|下降|增加|增长|压减|压降|上升|多|少)了?")
COMPARED = re.compile(r"(?:较|比|同比)[^。;]{0,20}$")
DRAWN = re.compile(
    r"[,\s]*(?:截至[^,。;]{1,10}?)?(?:目前|现|已|累计|实际|首批|共)*(?:发放|投放|到位|下达|使用|发行|支用|放款|提款|拨付|支出|分配)(?:到位|资金)?了?"
)
PLAN = (
    r"(?:拟|计划|预计|力争|争取|确保|将|要|须|承诺|约定|[底末日]前)[^,。;]{0,20}<money.role_cleared>"
    r"(?!资金|任务|目标|计划)|(?:拟|计划|打算)[^,。;]{0,12}(?:筹[措集资]|争取|安排|压减|盘活)"
)
GIVEN_BACK = re.compile(r"(?:归还|上缴|退回|追回|收缴)[^,。;\d]{0,6}$")
LIMITS = re.compile(r"前|[半全]?年内|月内|[上下]半年")
BY_ORDER = re.compile(r"^由[^,。;]{2,24}|(?:恳请|(?<![申邀聘敬])请(?!求)|希望|建议|盼)[^,。;]{2,24}$")
# 剩余25笔中,: what the whole sentence counts.
TOPIC = re.compile(
    r"(?:剩余|未清偿|未办结|未化解|未支付|未偿还|未完成)[^,。;\d]{0,8}(?:\d+[笔件户家条个])?[^,。;\d]{0,6}[中里],"
)
PLEA = re.compile(r"(?:请|恳|望|要求|责令|督促|敦促|催|建议|讨回|追讨|帮[助我]).{0,28}$")
# 对已签协议的欠款,将900万元列入年初预算
BUDGETED = re.compile(r"(?:^|[,、])[^,。;]{0,12}(?:将|把|安排)$")
IN_BUDGET = re.compile(r"(?:列入|纳入|编入)[^,。;]{0,12}预算")
# 可用于清偿的资金有:配套费580万元,…合计650万元
FUND_LIST = lexicon.compiled(r"<money.means>(?:主要|情况|如下|构成)*(?:有|为|包括|是)?[:：]")
# 主张的237万元系按送审值计算,我方不予认可
CLAIMED = re.compile(r"(?:主张|诉求|提出|要求支付|报送)的?(?:金额|款项)?$")
REJECTED = lexicon.compiled(r"[^。;\d]{0,28}?<money.rejected>")
FOR_PURPOSE = re.compile(r"用于[^,。;]{0,16}的$")
AIMED = re.compile(r"确保|力争|务求|保证(?!金)|争取|务必|必须|拟(?!定)|预计|承诺")
ASKED = re.compile(r"[^,。;\d]{0,4}(?:恳?请|望|盼|希|建议)(?!示)")
ACCOUNT = lexicon.compiled(r"<money.wage_accounts>")
NAMED_DEBT = re.compile(r"(?:的)?[^,。;\d]{0,10}?(?:欠款|账款|欠账|工程款|货款|款项|工资|欠薪|债务)")
NO_QUARREL = re.compile(r"(?:的)?(?:无|没有|不存在)(?:分歧|争议)")
# 保洁费132万元未付: nothing of it was paid, and nothing says that it is a rest
BARE_UNPAID = re.compile(
    r"(?:一直|长期|拖延|逾期|分文)?(?:未|无法|没有)(?:支付|付款?|结|结算|结清|付清|退还?|返还|兑付|兑现|发放|清偿|偿还|还清|归还|给付|偿付)"
)
TAIL = re.compile(r"尾款|余款|剩|余额|尚|仍|还|其余|累计")
# （5条，2260万元）, 本次交办13条、4819万元: a number and its sum, and nothing else
CASES_AND_SUM = re.compile(r"[^,。;\d]{0,8}\d+\s?(?:条|件|个|起|宗)[、,]?(?:共|合计|约)?")
OWING = re.compile(r"欠|应付|未付|未支付")
OWE = re.compile(r"[,、;\s]*(?:尚|仍|还)?(?:欠|差)")
TAKEN_BACK = re.compile(r"收回(?:来)?了?(?:金额|资金)?$")
LEFT_OF_FUND = re.compile(r"(?:结余|结存|未使用|未支出|账户余额)[^,。;]{0,4}$")
FUNDED = re.compile(r"(?:资金|补助|奖补|债券|专户|拨款|贷款|额度)[^,。;]{0,4}\d")
LEFT_TOO = re.compile(r"\s?[、和及与]\s?(?:拖欠|欠)?[^,、。;]{1,14}")
LEFT_ALL = re.compile(r"(?:尚|仍|还)?(?:未|没有)(?:清|偿|支|兑|付|还|化|解)")
WORKS = re.compile(r"(?:投资|产值|合同|造价|概算|审定|结算|价款?)[^,。;]*$")
THE_REST = re.compile(r"[,;、\s]*其余(?:\d+[家户笔件个条])?(?:的|部分|欠款|账款|款项|资金)?(?:为)?")
GOAL_BEFORE = re.compile(r"(?:目标|任务|计划)(?:数|额)?$")
YEAR = re.compile(r"(20\d\d)年")
MARK = re.compile(r"[,;:]")
NAMELY = re.compile(r"(?:(?<!立)即|也就是|折合|约合)(?:为)?$")
GOAL = re.compile(r"不[少低]于|任务|目标|力争|确保")
FEE = re.compile(r"^(?![^,。;]*欠)[^,。;]{0,12}(?:费|价款|货款|工程款|租金|价格)(?:为|共|共计|总计|约)?$")
CONTRACTED = re.compile(r"(?:签订|签署|订立)[^,。;欠]{0,20}(?:合同|协议)(?!后)[^,。;]{0,12},$")
FOR_PAYING = lexicon.compiled(
    r",(?:全部|专项|优先|主要|均|将|专门|已)*(?:用于|用来|用以)[^,。;]{0,6}(?:<money.paying>|清欠)"
)
# 欠款7.9亿元、已清偿5.8亿元: the same party goes on.
OF_THIS = re.compile(
    r"(?:欠款|账款)?[、,(]\s?(?:目前|现|截至[^,。;]{1,12},?)?(?:已|业已|均已|累计|实际|清偿|偿还|化解|支付|兑付|剩余|余|尚|仍|未|还)"
)
PROMISED = re.compile(r"[原约商]定|承诺|应|计划|拟|协议|须|需|要求|目标")
AT_THE_END = re.compile(r"^[,\s]*(?:\d{1,2}月[末底]|期末|年末|月末|季末|目前|现有?)[^,。;]{0,8}$")
DONE = re.compile(
    r"已(?!督促|要求|责成|明确|约定|承诺|通知|同意|商定)|又|先期|当即|累计|共(?![计同])|先后|了|完成|实际"
)
DONE_NOW = re.compile(r"已|先后|了|实际|[仅只]|截至")
ADDED = re.compile(r"(?<!投诉)(?<!线索)新增(?:金额|了|约)?$")
DEBTS = re.compile(r"欠|账款|逾期|余额|应付")
# 超额完成200亿元的年度目标
TO_REACH = re.compile(r"的?(?:年度|全年|既定|预定|阶段性|清偿|清欠|化解|季度)*(?:目标|任务|指标)")
SHARE = re.compile(
    r"[,(]\s?(?:占(?P<what>[^,。;\d]{2,18}?)的?\s?(?:比例|比重)?(?:为|达)?\s?\d|(?:是|[均都][是为系]|属于)(?P<is>[^,。;\d]{2,18}))"
)
COUNTED = re.compile(r"\d\s?(?:条|件|笔|个|家|宗|户|起|项)[、,]?(?:共|合计|约)?$")
CASES = re.compile(r"线索|投诉|拖欠|欠款|账款|逾期")
ABOUT_SUMS = re.compile(
    r"^(?!.*(?:加[快强大]|推[进动]|做好|强化|确保|严|全力|抓|落实)).*(?:情况|账款|欠款|款项|部分|金额|进展|方面|明细)$"
)
PAYS = lexicon.compiled(r"<money.paying>|付款|拨付")
IN_PROCESS = re.compile(r"协商|调解|会商|诉讼|仲裁|鉴定|审理|复核")
ONLY_TIME = re.compile(r"(?<![^,。;:\n.)])[^,。;:已\n.)]{2,18}(?:前|底|末|内),$")
