"""The part a list of units plays in its clause, by the words before it, the words behind it, and its place.

由, 督促, 报送, 会同, 在 … 指导下 stand before; 牵头, 配合, 负责, 要, 为组长单位 behind; the first words of a clause
are its subject. Objects (对各县…进行通报), attributes (市政府的要求) and history of others are left alone.
"""

from __future__ import annotations

import re

from extractors.circular.duty_marks import pattern
from extractors.circular.unit_spans import UnitSpan
from extractors.facts import AssignmentRole

_HOLDER = r"(?:等)?(?:的)?(?:主要|相关|有关|分管|班子)?(?:负责同志|负责人|领导|同志)?"
_OFFICE = pattern(
    _HOLDER
    + r"(?:分别|共同)?(?:为|任|担任|作为|是)(?P<what>[^,。;:、()]{0,10}?)"
    + r"(?P<post>副组长|组长|召集人|副召集人|牵头|主办|成员|副主任|主任|责任|配合|协办)"
)
# 成员由市财政局、市教育局分管负责同志担任: who sits in a group.
_POST_BY = re.compile(r"(?<!办公室)(?:成员|副组长|副召集人|组员|委员)(?:分别)?由[^,。;]{0,100}$")
_TAKES_POST = re.compile(r"[^,。;]{0,80}?(?:担任|兼任|组成)(?=[,。;]|$)")
_COMPOSE = re.compile(r"(?:的)?[^,。;:]{0,8}?(?:各?(?:抽调|选派|派出|明确)[^。;]{0,24}?)?(?:共同)?组成")
ADVERB = r"(?:<roles.adverbs>|履行[^,。;]{0,8}?)"
LEAD = pattern(rf"{ADVERB}*<roles.lead>(?!部门|单位|市直)")
_LEAD_LATER = re.compile(
    r"(?:履行|发挥|承担|扛起)[^,。;]{0,10}牵头[^,。;]{0,5}(?:职责|作用|责任)|(?:主动|认真|切实|积极|切实履行)牵头"
)
# 各部门要加强协同: what all do together is no support of another.
SUPPORT = pattern(rf"(?!(?:要|应|进一步|切实)*(?:加强|强化|密切)协同(?!配合)){ADVERB}*<roles.support>")
_SUPPORT_WITH = re.compile(r"(?:的)?(?:协同|密切|通力|相互|积极)?(?:配合|协作)|协同配合")
_GUIDED = re.compile(
    r"(?:的)?(?:统一|具体|正确|坚强|有力|大力|关心|精心|悉心)?(?:指导|领导|统筹|协调|支持|关心)[^,。;]{0,6}下"
)
_COURTESY = re.compile(r"^(?!.*(?:指导|统筹|协调)).*(?:领导|支持|关心)")  # 在县委坚强领导下: leads, but does not watch
_MODAL = pattern(r"[,]?(?:均|都|也|每[月周季年]|每半月)?<roles.modals>(?!求)(?!(?<=将)[\d约近])")
_SPEAKS = re.compile(r"(?:分别|依次)?作(?:了)?[^,。;]{0,6}(?:发言|检讨|说明|检查|汇报)")
_GIVEN = re.compile(r"(?:出具|提供|审定|核定|认定|评审|确认|提出)的")
_HOSTS = re.compile(r"(?:内|中)?(?:下设|内设|增设|设立)")
_NOT_VERB = pattern(
    r"(?!应[付清还]尽[付清还])<roles.not_verbs>|第[一二三四五六七八九十百\d]{1,4}[次届]|及(?![时早])|以及"
)
_HISTORY = pattern(r"[^,。;]{0,6}?<roles.history>|[\u4e00-\u9fff]{1,4}了(?![解结])")
# 镇政府以财政困难为由未付, 项目单位曾答应支付, 某学校将86万元长期挂账: what a party did, not what it must do.
_REPROACHED = re.compile(
    r"以[^,。;]{1,14}为由|曾(?!经济)|将[\d约近][\d.,]*\s?[余多]?(?:[万亿千]?元|[万亿])(?![^,。;]{0,8}(?:列入|纳入|拨付|下达|优先|专项用于|统筹))"
    r"|将(?:已|尚未|未)|拒不|擅自|长期|一直|虚报|瞒报|谎报|漏报"
)
# 县中心学校扩建工程欠款已列入台账, 市财政局已安排资金: done, not to do.
_ALREADY = re.compile(r"[^,。;对将把按向在的]{0,10}(?:已(?!有|[^,。;]{1,6}的)|尚未|仍未|均未)")
_CADENCE_AHEAD = re.compile(r"(?:原则上)?(?:至少)?每(?:半?[月年]|[季周旬])")  # 每季度听取一次汇报
_SETS_UP = re.compile(r"(?:决定)?(?:成立|设立|组建)[^,。;]{0,40}(?:领导小组|专班|工作组|指挥部|委员会|联席会议)")
_APPROVAL = pattern(r"<roles.approval_after>")
# 县城投公司处置闲置房产回笼1200万元: how money is come by is a deed, what is owed or paid a figure.
_RAISES = re.compile(
    r"(?:计划|拟|将|要|已|通过|采取)?(?:处置|盘活|变现|出让|转让|出租|抵押|调剂|筹[措集]|争取|压[减缩]|统筹|将[约近]?\d[\d.,]*\s?[余多]?(?:[万亿千]?元|[万亿])[^,。;]{0,8}(?:列入|纳入))"
)
_KEPT = re.compile(r"备案|备查|存档")
_SELF = re.compile(
    r"(?:(?!成立|组建|设立|建立)[^,。;]){0,14}?由(?:本单位|本部门|本地区|本级|其|各自|自身|自行|分管|主要|一把手|专人)"
)
_BEFORE_REPORT = pattern(r"(?P<verb><roles.report_to>)(?:了)?$")
_NOT_REPORT = pattern(r"<roles.not_report_to>$")
_ADVICE = re.compile(
    r"(?:司法|检察|审计|对策|工作|提出|的|意见|条)建议$"
)  # 司法建议: a paper, not what the paper proposes
# 按月上报排查台账至县清欠办
_CARRIED_TO = re.compile(r"(?:上报|报送|反馈|提交|发送|推送|递交|送)(?!至)[^,。;]{1,30}(?:至|到)$")
_TOWARDS = re.compile(r"向$")
_TOWARDS_AFTER = re.compile(
    r"[^,。;]{0,16}?(?:报告|报送|反馈|汇报|报备|上报|提交|推送|移送|报|说明|备案|提出|检查|检讨|承诺)"
)
_BEFORE_TOLD = pattern(r"(?<![邀聘宴])<roles.told_to>(?:好)?(?:辖区内?|本地区?|本系统|本行业)?$")
_BEFORE_PARTNER = pattern(r"(?:<roles.with_partner>(?:了)?|牵头组织)$")
WITH = re.compile(r"(?:要|应|将|须|可)?(?:负责|及时|积极|共同)?(?:会同(?!意)|联合)")
_BEFORE_SEAT = pattern(r"<roles.seat>$")
# 指挥部下设办公室(设在市交通局): the office is set up here, and the unit in the bracket runs it.
_SET_UP = re.compile(r"(?:下设|设立|内设)[^,。;]{0,12}办公室\($")
# 建设主体为区水务局: named as the one who must do it.
_NAMED_AS = re.compile(
    r"(?P<what>实施|建设|责任|执行|管理|承办|牵头|配合|协办|协助|主管|监管|组织|管护|运维)(?:主体|单位|部门)(?:分别|均)?(?:为|是)$"
)
_BEFORE_WITH = re.compile(r"(?:与|同|和)$")
_SUPPORT_NEEDED = re.compile(r"(?:(?<!不)需要?|离不开|有赖于)$")  # 需要各乡镇的积极配合
_BEFORE_IN = re.compile(r"在$")
_BEFORE_AGENT = re.compile(r"由$")
_LEAD_IN = pattern(
    r"(?:<roles.lead_in>|各[^,。;、]{0,6}(?:领导|负责人)[、和及]|[,、\s“”]|[一二三四五六七八九十]是(?:要)?|第[一二三四五六七八九]|\d{1,2}[.、]"
    r"|[(][一二三四五六七八九十\d]{1,3}[)])*"
)
_TIME_IN = re.compile(
    r"[^,。;]{0,12}?(?:\d{1,2}[月日]|月底|年底|季度|之日起|后|前|期间|中|时|以来)(?:底|末)?(?:前|内|起|后)?$"
)
# Not the local branches of central bodies (国家税务总局某市税务局).
# 清偿率低于60%的南溪区要…, 未按期报送的单位所在县区要…: which unit is meant, then the unit.
# 市中医院欠款较多,要制定还款计划: what is wrong with the unit, then what it must do; nobody else is named between.
_MODAL_LATER = re.compile(r"(?![的等])[^,。;:由向对请]{2,40},(?:务必|必须|应当|应(?!付|收|急)|须|要(?![求点素]))(?!由)")
_WHICH = re.compile(r"(?![对向将把给就凡])[^,。;]{2,40}的")
_LEVEL_ABOVE = re.compile(
    r"(?:国务院|国家(?!开发银行|(?:税务|金融监督管理|金融监管)总局.{2,}(?:局|分局)$|统计局.+队$|电网)|中央(?!驻)|全国|中共中央)"
)
_PARTS = re.compile(r"(?:责任|牵头|配合|主办|协办|实施|承办|监管|主管)(?:单位|部门)$")
_VAGUE = re.compile(r"(?:有关|相关|下属|所属|欠款|拖欠|债务|涉欠|涉事|付款)(?:单位|企业|机构|部门|方面)")
_BY_A_DAY = re.compile(
    r"负责(?!人|同志)|(?:于|在)?(?:\d{4}年|今年|明年)?\d{1,2}月(?:\d{1,2}日|[底末中上下]旬?)?(?:\d{1,2}[时点::]\d{0,2}分?)?前"
)
_SETS_TO = re.compile(r"(?:于|在|按|组织|立即|尽快|抓紧|认真|负责|会同|及时|务必|\d)")
_SENT = re.compile(r"[^,。;]{0,20}(?:转来|来函|发来|来文|来电|致函|去函|收悉|提出的|反映的)")  # 你办7月9日转来的…收悉
_COUNTS = re.compile(
    r"(?:已|累计|共)*(?:清偿|偿还|化解|剩余|尚欠|支付|兑付)(?:率|欠款)?(?:为|达)?约?\d|\d[\d,.]*\s?[余多]?(?:万|亿|元|%|笔|户|家|件|条|个|宗|项)"
)
_STATUTE = re.compile(r"(?:应当|必须|不得|须)")  # 机关、事业单位应当于每年3月31日前公开
_HANDS_OVER = re.compile(r"(?:移送|移交|转交|交由)(?:有管辖权的|有关)?$")
_FIELD = re.compile(r"(?<!司法)部门$")
_TO_PROSECUTE = re.compile(
    r"(?:依法|依规|依纪|严肃|按规定)*(?:处理|查处|处置|追究|追责|问责|调查|立案|核查|核实|办理|处分)"
)
_JUDGED = ("同意", "听取", "审议", "通过", "研究", "批准")
_IN_CHARGE_OF = re.compile(r"(?:牵头)?(?:负责|承担)的(?!同志|领导|人|态度|精神)")
_FORMS = re.compile(r"(?:等)?(?:单位|部门)?(?:的)?[^,。;]{0,10}?(?:组成|组建|成立)")
_PASSED_ON = pattern(r"(?<![上提递呈送移流报抄推发])<roles.passed_on>$")
_TO_BE_DONE = pattern(r"(?:依法|依规|按程序|及时|尽快|负责|抓紧)*<roles.to_be_done>")
_HANDED_DOWN = re.compile(r"(?:交办|转办|转来|转交|反馈|反映|通报|批转|受理)")
LIMIT_AHEAD = re.compile(
    r"\d\s?[月日](?:\d{1,2}日|底|中旬|上旬|下旬)?(?:下班)?前|年底前|每[月周季旬日]|每半[月年]|[按逐][月季周]"
)
_FIGURE = re.compile(r"\d[\d,.]*\s?[余多]?(?:万|亿|元|%|笔|户|家|件|条|个|宗|项|次|人)(?!月|工作日|部门|单位)")
_TAKES_ON = re.compile(
    r"(?:全面|分别|具体|统一|共同|主动)?(?:负责(?!人|同志)|承担|履行)|[\d年月底前内上下半第一二三四季度]{0,12}(?:率先|带头)|于\d|于?每[月季周]|[按逐][月季周]"
)
_CHARGED = re.compile(r"(?:局|厅|委|办|院|部|处|专班|政府|公司|集团|单位|部门)负责督促$")
_DERIVED = re.compile(r"(?:指导(?:和|、)?|负责|联合)督促$")
_ENTERPRISE = re.compile(r"(?:企业|公司|(?<!公安|司法|检察|监察|审计|税务|行政)机关|主体|集团)$")
_BY_LAW = re.compile(r"(?:有限|责任|股份)公司$")  # a company under its registered name is a party, not an office
_OWNED = re.compile(r"[省市县区州]属|各")
_LEADERS = re.compile(r"(?:政府|领导小组|[省市县区州旗盟]委|党委|党工委)$")
_PART_OF_DEED = re.compile(r"(?:履行|发挥|承担)$")
_OBJECT_OF = (
    "配合",
    "协助",
    "支持",
    "对",
    "向",
    "将",
    "把",
    "联络",
    "联系",
    "抽调",
    "经",
    "受",
    "为",
    "按照",
    "根据",
    "对照",
)

Part = tuple[AssignmentRole, str, bool]
"""A role, the rule that gave it, and whether the list is the subject of its clause."""


class Judge:
    """Judges the lists of units of one text.

    `own_level` is 省, 市, 县 … of the paper's own region; `tells` says whether the sentence in hand tells, not orders.
    """

    def __init__(
        self, text: str, own_level: str | None, narrative: bool, enterprise: bool = False, bulletin: bool = False,
        letter: bool = False,
    ) -> None:  # fmt: skip
        self.text = text
        self.letter = letter  # a 函 answers: what it says is done counts
        self.bulletin = bulletin  # a 通报: its sentences with figures and without a limit are statistics
        self.own_level = own_level
        self.narrative = narrative
        self.enterprise = enterprise  # a company speaks to its own
        self.tells = narrative
        self.ordered = False  # the section says what comes next (下步要求)
        self.told = False  # the section tells how things went: only modals and limits bind

    def part(
        self, chain: list[UnitSpan], clause: int, go_on: int, clause_end: int, end: int, tail: str, agent_later: bool,
        announcing: bool, opening: bool,
    ) -> Part | None:  # fmt: skip
        """Role, rule and whether it is the subject; None if the list only is mentioned."""
        text = self.text
        first = chain[0]
        before = text[max(clause, first.start - 14) : first.start]
        lead_in = text[clause : first.start]
        at_front = _LEAD_IN.fullmatch(lead_in) is not None or _TIME_IN.fullmatch(lead_in) is not None
        if chain[0].kind in ("place", "addressee", "author"):
            return self._actor(chain[0].kind, before, lead_in, at_front, go_on, clause_end)
        decided, part = self._by_before(before, chain, clause, go_on, clause_end)
        if decided:
            return part
        if said := self._by_after(chain, before, lead_in, at_front, go_on, clause_end, end, tail):
            return *said, True
        if chain[-1].person:
            return None
        if _PARTS.search(text, first.start, first.end) and text.startswith(("为", "是"), go_on):
            return None  # 责任单位为市财政局: the part, then who plays it
        if not before.endswith("请") and all(_VAGUE.fullmatch(text[u.start : u.end]) for u in chain):
            return None
        known = not text.startswith(("有关", "相关", "地方"), first.start)
        if known and _HANDS_OVER.search(before):
            # 专班将按程序移交市纪委监委处理, 线索移送市纪委监委: it receives; 弄虚作假的移送市纪委监委处理: it acts.
            dealt = _TO_PROSECUTE.match(text, go_on, clause_end) is not None
            handed = chain[0].kind == "organ" and (bool(chain[0].prefix) or _FIELD.search(text, first.start, first.end))
            handed = handed and (not dealt or lead_in.find("将") > 0)
            if handed and not self.tells:
                return "recipient", "duty.handed_over", False
            if dealt:
                return "responsible", "duty.handed_over", False
        if all(u.kind == "class" and not text.startswith("各", u.start) for u in chain):
            bound = at_front and _STATUTE.match(text, go_on, clause_end) is not None
            bound = bound and "规定" not in text[max(0, clause - 30) : clause]  # 条例第十六条规定,机关…应当: told
            return ("responsible", "duty.modal", True) if bound else None
        if _SELF.match(text, go_on, clause_end):
            return "responsible", "duty.by_itself", True
        if before.endswith("协调") and chain[0].kind == "organ" and _BY_A_DAY.match(text, go_on):
            return "responsible", "duty.told_to", False
        told = _BEFORE_TOLD.search(before) if not _ADVICE.search(before) else None
        if told is not None:
            if before.endswith(("提请", "报请", "恳请")) and text[first.start : first.end].endswith("政府"):
                return None
            named = any(u.kind == "organ" and u.prefix for u in chain)
            named = named or any(_OWNED.match(text, u.start) for u in chain)
            loose = not named and all(_ENTERPRISE.search(text[u.start : u.end]) for u in chain)
            if loose and not (_MODAL.match(text, go_on) or _BY_A_DAY.match(text, go_on)):
                return None
            derived = _DERIVED.search(before) is not None and not (named and not self.tells and _CHARGED.search(before))
            if clause_end - go_on >= 2 and not _NOT_VERB.match(text, go_on) and not derived:
                return "responsible", "duty.told_to", False
            return None
        modal = _MODAL.match(text, go_on, clause_end + 3)
        at_front = at_front or (modal is not None and _WHICH.fullmatch(lead_in) is not None)
        if modal and (at_front or before.endswith(("由", "明确", "要求", "强调", "提出"))):
            return "responsible", "duty.modal", True
        if _BEFORE_AGENT.search(before):
            if self._above(chain) and _HANDED_DOWN.match(text, go_on, clause_end):
                return None  # 该件由省清欠办交办: how it came here
            return "responsible", "duty.agent", True
        reproached = at_front and _REPROACHED.match(text, go_on, clause_end) is not None
        if reproached and _MODAL_LATER.match(text, go_on, end) is None:
            return None
        if at_front and not announcing and text.startswith("会同", go_on) and not self._above(chain):
            return "responsible", "duty.subject", True  # 8月29日,市清欠专班会同市审计局开展督查: it leads
        if not at_front or agent_later or announcing or self.told:
            return None
        later = _MODAL_LATER.match(text, go_on, end)
        if later is not None and not self.narrative and not self._above(chain) and self._is_own(chain):
            return "responsible", "duty.modal_later", True
        if clause_end - go_on < 2 or _NOT_VERB.match(text, go_on) or self._above(chain):
            return None
        if not ("\u4e00" <= text[go_on] <= "\u9fff" or text[go_on].isdigit()) or _COUNTS.match(text, go_on):
            return None
        if not self.enterprise and all(_ENTERPRISE.search(text[u.start : u.end]) for u in chain):
            each = chain[0].kind == "group" and _TAKES_ON.match(text, go_on, clause_end)
            acts = (
                chain[0].kind == "organ"
                and (chain[0].prefix or not self.narrative)
                and (not _FIGURE.search(text, go_on, clause_end) or _RAISES.match(text, go_on, clause_end) is not None)
            )
            acts = acts and not any(_BY_LAW.search(text, u.start, u.end) for u in chain)
            return ("responsible", "duty.subject", True) if each or acts else None
        counted = self.bulletin and not self.ordered and _FIGURE.search(text, go_on, clause_end) is not None
        if counted and LIMIT_AHEAD.search(text, go_on, clause_end) is None:
            return None  # 县财政局筹措资金600万元: what a bulletin counts is done
        history = _HISTORY.match(text, go_on, clause_end) is not None and not _CADENCE_AHEAD.match(text, go_on)
        if history and not self._may_tell(chain):
            return None
        if _SETS_UP.match(text, go_on, clause_end) and text[chain[-1].end - 2 : chain[-1].end].endswith(("政府", "委")):
            return None  # 县政府成立领导小组: told
        if not (self.narrative or self.letter) and _ALREADY.match(text, go_on, clause_end):
            return None
        return "responsible", "duty.subject", True

    def _actor(self, kind: str, before: str, lead_in: str, at_front: bool, go_on: int, clause_end: int) -> Part | None:
        """A place, 你市 or 我局: what makes it act. Anything else that is said of it is no duty."""
        text = self.text
        if kind in ("author", "addressee"):
            reported = _BEFORE_REPORT.search(before) is not None and not _NOT_REPORT.search(before)
            towards = _TOWARDS.search(before) is not None and _TOWARDS_AFTER.match(text, go_on, clause_end) is not None
            takes = (reported or towards) and not self.tells and not _APPROVAL.match(text, go_on)
            if takes or kind == "author":
                return ("recipient", "duty.report_to", False) if takes else None
        asked = _BEFORE_TOLD.search(before) is not None and not before.endswith("恳请")
        if asked and kind == "addressee" and text.startswith(":", go_on):
            return "responsible", "duty.told_to", True  # 现商请贵院:(一)…
        if asked and clause_end - go_on >= 2 and not _NOT_VERB.match(text, go_on):
            return "responsible", "duty.told_to", True
        agent = _BEFORE_AGENT.search(before) is not None
        modal = _MODAL.match(text, go_on, clause_end + 3)
        at_front = at_front or (modal is not None and _WHICH.fullmatch(lead_in) is not None)
        if not (at_front or agent) or _REPROACHED.match(text, go_on, clause_end):
            return None
        if LEAD.match(text, go_on, clause_end):
            return "lead", "duty.lead", True
        if SUPPORT.match(text, go_on, clause_end):
            return "support", "duty.support", True
        if agent:
            return "responsible", "duty.agent", True
        if _BY_A_DAY.match(text, go_on, clause_end):
            return "responsible", "duty.modal", True
        if modal or _SPEAKS.match(text, go_on, clause_end):
            return "responsible", "duty.modal", True
        acts = _SETS_TO.match(text, go_on, clause_end) is not None and _SENT.match(text, go_on, clause_end) is None
        if kind == "addressee" and acts and not self.narrative:
            return "responsible", "duty.subject", True
        return None

    def _by_before(
        self, before: str, chain: list[UnitSpan], clause: int, go_on: int, clause_end: int
    ) -> tuple[bool, Part | None]:
        """Whether the words in front decide the matter, and the part; decided without a part means a mere mention."""
        text = self.text
        if _GIVEN.match(text, go_on):
            if before.endswith(_JUDGED):
                return True, None  # 同意区工信局提出的方案
            return True, ("support", "duty.given_by", False)
        if _BEFORE_SEAT.search(before):
            # （设在县工信局） only explains where the recipient sits.
            explained = clause > 0 and text[clause - 1] == "(" and not _SET_UP.search(text, max(0, clause - 24), clause)
            return True, (None if explained else ("responsible", "duty.seat", False))
        if _IN_CHARGE_OF.match(text, go_on) and not chain[-1].person:
            return True, ("responsible", "duty.in_charge_of", False)
        if before.endswith("抽调") and _FORMS.match(text, go_on, clause_end + 1):
            return True, ("member", "duty.compose", False)
        if chain[0].kind == "organ" and _PASSED_ON.search(before) and _TO_BE_DONE.match(text, go_on, clause_end):
            acts = not chain[-1].person and not self._above(chain)
            return True, (("responsible", "duty.passed_on", False) if acts else None)
        if m := _BEFORE_REPORT.search(before):
            if _NOT_REPORT.search(before):
                return False, None
            if before[: m.start()].endswith("已") and _KEPT.match(text, go_on):
                return True, (None if chain[-1].person else ("recipient", "duty.report_to", False))
            if before[: m.start()].endswith(("经", "已", "通", "汇", "申", "推")):
                return True, None
            if _APPROVAL.match(text, go_on) or chain[-1].person:
                return True, None
            if self.tells:
                return True, (("responsible", "duty.sums_up", False) if text.startswith("汇总", go_on) else None)
            return True, ("recipient", "duty.report_to", False)
        carried = before.endswith(("至", "到")) and _CARRIED_TO.search(text, clause, chain[0].start) is not None
        if carried and not self.tells and not chain[-1].person:
            return True, ("recipient", "duty.report_to", False)
        if _TOWARDS.search(before):
            towards = _TOWARDS_AFTER.match(text, go_on, clause_end) and not chain[-1].person and not self.tells
            return True, (("recipient", "duty.report_towards", False) if towards else None)
        if (guided := _GUIDED.match(text, go_on)) and _COURTESY.search(guided.group()):
            return True, None
        if guided and before.endswith(("和", "、")) and "在" in text[clause : chain[0].start]:
            return True, ("supervisor", "duty.under_guidance", False)
        if _BEFORE_IN.search(before):
            if guided:
                return True, ("supervisor", "duty.under_guidance", False)
            return True, (("responsible", "duty.host", False) if _HOSTS.match(text, go_on) else None)
        if m := _NAMED_AS.search(before):
            named_role: AssignmentRole = "lead" if m.group("what") == "牵头" else "responsible"
            return True, ("support" if m.group("what")[0] in "配协" else named_role, "duty.named_as", True)
        if _BEFORE_PARTNER.search(before) or before == "牵头":
            return True, ("support", "duty.partner", False)
        if _SUPPORT_NEEDED.search(before):
            return True, (("support", "duty.needed", False) if _SUPPORT_WITH.match(text, go_on) else None)
        if _BEFORE_WITH.search(before):
            return True, (("support", "duty.together", False) if _SUPPORT_WITH.match(text, go_on) else None)
        return before.endswith(_OBJECT_OF), None

    def _by_after(
        self,
        chain: list[UnitSpan],
        before: str,
        lead_in: str,
        at_front: bool,
        go_on: int,
        clause_end: int,
        end: int,
        tail: str,
    ) -> tuple[AssignmentRole, str] | None:
        """What the words behind decide: a post (为组长单位), 组成, 牵头, 配合."""
        text = self.text
        if m := _OFFICE.match(text, go_on, clause_end):
            if re.search(r"政府|委$", text[chain[-1].start : chain[-1].end]) and chain[-1].person:
                return None
            post = m.group("post")
            if post in ("组长", "召集人", "牵头", "主办") and not m.group("what").endswith("副"):
                return "lead", "duty.office"
            if post in ("责任",):
                return "responsible", "duty.office"
            if post in ("配合", "协办"):
                return "support", "duty.office"
            return "member", "duty.office"
        if "由" in lead_in and _POST_BY.search(lead_in) and _TAKES_POST.match(text, go_on, clause_end):
            led = chain[-1].person and re.search(r"政府$|委$", text[chain[-1].start : chain[-1].end])
            return None if led else ("member", "duty.post_by")
        leads = LEAD.match(text, go_on, clause_end) is not None and not chain[-1].person
        if not leads and _COMPOSE.match(text, go_on, clause_end + 1) and self._composes(chain):
            return "member", "duty.compose"
        if chain[-1].person:
            return None
        if _PART_OF_DEED.search(before):
            return None
        if leads or "牵头" in tail:
            return "lead", "duty.lead"
        if chain[0].kind == "class" or self._above(chain):
            return None
        if SUPPORT.match(text, go_on, clause_end):
            return "support", "duty.support"
        if at_front and _is_subject_of_lead(text, go_on, end):
            return "lead", "duty.lead_later"
        return None

    def _is_own(self, chain: list[UnitSpan]) -> bool:
        """Whether the list names offices or groups that orders go to: no party under its registered name."""
        return all(u.kind in ("organ", "group") and not _BY_LAW.search(self.text, u.start, u.end) for u in chain)

    def _composes(self, chain: list[UnitSpan]) -> bool:
        """A list before 组成 is of members when it is one: several units, or 由 before it."""
        return len(chain) > 1 or self.text[: chain[0].start].endswith("由")

    def _above(self, chain: list[UnitSpan]) -> bool:
        """Whether the list names organs above the paper's own level, whose deeds it tells but does not order."""
        return any(self._is_above(u) for u in chain[:1]) or all(self._is_above(u) for u in chain)

    def _is_above(self, u: UnitSpan) -> bool:
        if _LEVEL_ABOVE.match(self.text, u.start, u.end):
            return True
        if u.prefix.endswith("省") or u.prefix == "自治区":
            return self.own_level != "省"
        return u.prefix.endswith("市") and self.own_level == "县"

    def _may_tell(self, chain: list[UnitSpan]) -> bool:
        """History counts in a report only for those who are set a duty elsewhere: collectives and plain bureaus."""
        return self.narrative and not any(_LEADERS.search(self.text, u.start, u.end) for u in chain)


def _is_subject_of_lead(text: str, go_on: int, end: int) -> bool:
    """Whether the sentence goes on to say that its subject takes the lead (…，主动牵头统筹 …), before another item."""
    stop = min(end, go_on + 90)
    for i in range(go_on, stop):
        if text[i] in "。;":
            stop = i
            break
    return _LEAD_LATER.search(text, go_on, stop) is not None
