"""The words around a list of units that show its part: what stands before it, behind it, and what leaves it alone.

Patterns only; `duty_parts.Judge` says in which order they are asked. Word lists (`<roles.…>`) live in roles.yml.
"""

from __future__ import annotations

import re

from extractors.circular.duty_marks import pattern

HOLDER = r"(?:等)?(?:的)?(?:主要|相关|有关|分管|班子)?(?:负责同志|负责人|领导|同志)?"
OFFICE = pattern(
    HOLDER
    + r"(?:分别|共同)?(?:为|任|担任|作为|是)(?P<what>[^,。;:、()]{0,10}?)"
    + r"(?P<post>副组长|组长|召集人|副召集人|牵头|主办|成员|组员|委员(?!会)|副主任|主任|责任|配合|协办)"
)
# 成员由市财政局、市教育局分管负责同志担任: who sits in a group.
POST_BY = re.compile(r"(?<!办公室)(?:成员|副组长|副召集人|组员|委员)(?:分别)?由[^,。;]{0,100}$")
TAKES_POST = re.compile(r"[^,。;]{0,80}?(?:担任|兼任|组成)(?=[,。;]|$)")
# 县财政局、县审计局等单位主要负责人参会: who sat there.
ATTENDS = re.compile(
    r"(?:等)?(?:\d{1,3}[个家])?(?:相关|有关)?(?:[^,。;、()]{0,8}?(?:单位|部门))?(?:的)?(?:(?:主要|分管|有关|相关|[和及、])*(?:负责人|负责同志|领导|同志|人员)"
    r"(?:[、及和][^,。;]{2,30}?(?:负责人|负责同志|领导|人员))?)?(?:分别|一同|应邀)?"
    r"(?:参会|列席(?:了)?(?:会议)?|出席(?:了)?(?:会议)?|参加了?(?:本次|此次|了)?(?:会议|调度会|座谈会|座谈|推进会|活动|调研))(?=[,。;)]|$)"
)
# 会议由副县长主持,县财政局主要负责人参加
ATTENDS_TOO = re.compile(
    r"(?:等)?(?:单位|部门)?(?:的)?(?:主要|分管|有关|相关)?(?:负责人|负责同志|领导)参加(?=[,。;)]|$)"
)
# 由市审计局、市财政局组成联合工作组,9月底前集中审结: together they do it.
JOINED_UP = re.compile(r"(?:共同)?(?:组成|组建|成立)联合[^,。;]{2,6}组,")
COMPOSE = re.compile(r"(?:的)?[^,。;:]{0,8}?(?:各?(?:抽调|选派|派出|明确)[^。;]{0,24}?)?(?:共同)?组成")
ADVERB = r"(?:<roles.adverbs>|履行[^,。;]{0,8}?)"
LEAD = pattern(rf"{ADVERB}*<roles.lead>(?!部门|单位|市直|责任(?!单位|部门))")
LEAD_LATER = re.compile(
    r"(?:履行|发挥|承担|扛起)[^,。;]{0,10}牵头[^,。;]{0,5}(?:职责|作用|责任)|(?:主动|认真|切实|积极|切实履行)牵头"
)
# 各部门要加强协同: what all do together is no support of another.
SUPPORT = pattern(rf"(?!(?:要|应|进一步|切实)*(?:加强|强化|密切)协同(?!配合)){ADVERB}*<roles.support>")
MUTUAL = re.compile(
    r"(?:要|应当|应|须|必须|务必)(?:加强|强化)?(?:密切|相互|互相|协同|协调|通力|协作)(?:配合|协作|合作|联动|发力)(?=[,。;]|$)"
)
SUPPORT_WITH = re.compile(r"(?:的)?(?:协同|密切|通力|相互|积极)?(?:配合|协作)|协同配合")
GUIDED = re.compile(
    r"(?:的)?(?:统一|具体|正确|坚强|有力|大力|关心|精心|悉心)?(?:指导|领导|统筹|协调|支持|关心)[^,。;]{0,6}下"
)
COURTESY = re.compile(r"^(?!.*(?:指导|统筹|协调)).*(?:领导|支持|关心)")  # 在县委坚强领导下: leads, but does not watch
# 仁和区应清偿1.44亿元,已清偿1.2亿元: what falls due is a figure.
MODAL = pattern(
    r"[,]?(?:“?一把手”?)?(?:均|都|也|每[月周季年]|每半月)?<roles.modals>(?!求)(?!(?<=将)[\d约近])"
    r"(?!(?<=应)(?:清偿|偿还|支付|付|还|化解)[约近]?\d[\d.,]*\s?[余多]?[万亿]?元[^。;]{0,12}?[,、](?:已|仅|尚|实际|累计|目前))"
)
SPEAKS = re.compile(
    r"是[^,。;]{0,16}(?:责任主体|实施主体|第一责任人|责任单位)|(?:分别|依次)?作(?:了)?[^,。;]{0,6}(?:发言|检讨|说明|检查|汇报)"
)
GIVEN = re.compile(r"(?:出具|提供|审定|核定|认定|评审|确认|提出)的")
HOSTS = re.compile(r"(?:内|中)?(?:下设|内设|增设|设立)")
NOT_VERB = pattern(
    r"(?!应[付清还]尽[付清还])<roles.not_verbs>|第[一二三四五六七八九十百\d]{1,4}[次届]|\d{2,4}(?:室|房间|房)|及(?![时早])|以及"
)
HISTORY = pattern(
    r"[^,。;]{0,6}?<roles.history>|[\u4e00-\u9fff]{1,4}了(?![解结])"
    r"|[^,。;]{0,20}?(?:进行|开展|组织|实施|建立|完成|召开|下发|制定|取得|形成|作出|提出|给予|下达)了"
    r"|[^,。;]{0,8}?(?:共|累计|合计|先后)(?:安排|拨付|筹[集措]|清偿|化解|支付|投入|争取|下达|完成|兑付|偿还|召开|开展)[^,。;]{0,12}\d"
)
# 镇政府以财政困难为由未付, 项目单位曾答应支付, 某学校将86万元长期挂账: what a party did, not what it must do.
REPROACHED = re.compile(
    r"以[^,。;]{1,14}为由|曾(?!经济)|将[\d约近][\d.,]*\s?[余多]?(?:[万亿千]?元|[万亿])(?![^,。;]{0,8}(?:列入|纳入|拨付|下达|优先|专项用于|统筹))"
    r"|因[^,。;]{1,14}[,]?(?:长期|一直|至今|[尚仍]?未|无法|无力|拖欠|造成|导致)"
    r"|将(?:已|尚未|未)|拒不|擅自|长期|一直|虚报|瞒报|谎报|漏报|[^,。;]{0,20}?至今(?:尚|仍|还)?(?:未|没有)"
)
# 县中心学校扩建工程欠款已列入台账, 市财政局已安排资金: done, not to do.
ALREADY = re.compile(r"[^,。;对将把按向在的]{0,10}(?:已(?!有|[^,。;]{1,6}的)|尚未|仍未|均未)")
CADENCE_AHEAD = re.compile(r"(?:原则上)?(?:至少)?每(?:半?[月年]|[季周旬])")  # 每季度听取一次汇报
SETS_UP = re.compile(r"(?:决定)?(?:成立|设立|组建)[^,。;]{0,40}(?:领导小组|专班|工作组|指挥部|委员会|联席会议)")
APPROVAL = pattern(r"<roles.approval_after>")
# 县城投公司处置闲置房产回笼1200万元: how money is come by is a deed, what is owed or paid a figure.
RAISES = re.compile(
    r"(?:计划|拟|将|要|已|通过|采取)?(?:处置|盘活|变现|出让|转让|出租|抵押|调剂|筹[措集]|争取|压[减缩]|统筹|将[约近]?\d[\d.,]*\s?[余多]?(?:[万亿千]?元|[万亿])[^,。;]{0,8}(?:列入|纳入))"
)
KEPT = re.compile(r"备案|备查|存档")
SELF = re.compile(
    r"(?:(?!成立|组建|设立|建立)[^,。;]){0,14}?由(?:本单位|本部门|本地区|本级|其|各自|自身|自行|分管|主要|一把手|专人)"
)
BEFORE_REPORT = pattern(r"(?P<verb><roles.report_to>)(?:了)?$")
NOT_REPORT = pattern(r"<roles.not_report_to>$")
ADVICE = re.compile(
    r"(?:司法|检察|审计|对策|工作|提出|的|意见|条)建议$"
)  # 司法建议: a paper, not what the paper proposes
# 按月上报排查台账至县清欠办
CARRIED_TO = re.compile(r"(?:上报|报送|反馈|提交|发送|推送|递交|送)(?!至)[^,。;]{1,30}(?:至|到)$")
TOWARDS = re.compile(r"向$")
TOWARDS_AFTER = re.compile(
    r"[^,。;]{0,16}?(?:报告|报送|反馈|汇报|报备|上报|提交|推送|移送|报|说明|备案|提出|检查|检讨|承诺)"
)
BEFORE_TOLD = pattern(r"(?<![邀聘宴])<roles.told_to>(?:好)?(?:辖区内?|本地区?|本系统|本行业)?$")
BEFORE_PARTNER = pattern(r"(?:<roles.with_partner>(?:了)?|牵头组织)$")
WITH = re.compile(r"(?:要|应|将|须|可)?(?:负责|及时|积极|共同)?(?:会同(?!意)|联合)")
BEFORE_SEAT = pattern(r"(?:<roles.seat>|(?:办公室|秘书处|专班)设|下设办公室在)$")
# 指挥部下设办公室(设在市交通局): the office is set up here, and the unit in the bracket runs it.
SET_UP = re.compile(r"(?:下设|设立|内设)[^,。;]{0,12}办公室\($")
# 成员单位包括市财政局、市审计局, 组成单位有…: who belongs to the body.
MEMBERS_ARE = re.compile(r"(?:成员|组成)(?:单位|部门)(?:主要)?(?:包括|包含|有|为|是)$")
# 以市财政局为主,市住建局配合
FOREMOST = re.compile(r"为主(?![要体任管席导]|办公)|为牵头(?:单位|部门)?")
# 市财政局下达的资金, 法务部提起诉讼的案件: the unit belongs to what is named behind 的.
OF_ITS_OWN = re.compile(
    r"(?:已|曾|所|前期|统一|联合|牵头|负责)*(?:下达|制定|印发|转来|交办|转办|移交|报送|上报|审核|承担|实施|组织|开展|建设|承建|确定|发布|公布|召开|主办|反馈|投诉|反映|起诉"
    r"|提起诉讼|拨付|安排|签订|签署|申报|汇总|编制|起草|推送|掌握|梳理|排查|上会|委托|采购)的"
)
# 建设主体为区水务局: named as the one who must do it.
NAMED_AS = re.compile(
    r"(?P<what>实施|建设|责任|执行|管理|承办|牵头|配合|协办|协助|主管|监管|组织|管护|运维)(?:主体|单位|部门)(?:分别|均)?(?:为|是)$"
)
BEFORE_WITH = re.compile(r"(?:与|同|和)$")
SUPPORT_NEEDED = re.compile(r"(?:(?<!不)需要?|离不开|有赖于)$")  # 需要各乡镇的积极配合
BEFORE_IN = re.compile(r"在$")
BEFORE_AGENT = re.compile(r"由$")
LEAD_IN = pattern(
    r"(?:<roles.lead_in>|各[^,。;、]{0,6}(?:领导|负责人)[、和及]|[,、\s“”]|[一二三四五六七八九十]是(?:要)?|[一二三四五六七八九十]{1,3}、|第[一二三四五六七八九]|\d{1,2}[.、]"
    r"|[(][一二三四五六七八九十\d]{1,3}[)])*"
)
TIME_IN = re.compile(
    r"[^,。;]{0,12}?(?:\d{1,2}[月日]|月底|年底|季度|之日起|后|前|期间|中|时|以来)(?:底|末)?(?:[之以]?[前内]|起|后)?$"
)
# 市财政局推进有力,县水利局进度偏慢: how a unit did.
JUDGED_AS = re.compile(
    r"(?![对将把就因向按为])[\u4e00-\u9fff]{2,6}?(?:有力|扎实|得力|不力|缓慢|偏慢|较慢|滞后|不够|不足|不高|不及时|不到位|不实|较好|较差|突出|明显|得实|靠前|靠后)(?=[,。;]|$)"
)
# 各单位贯彻落实情况,由市政府办公室跟踪: what is spoken of, not who acts.
TOPIC = re.compile(
    r"(?:(?!负责|汇总|报送|制定|建立|完善|更新|掌握|调度|通报|公开|核实|梳理|提供|填报|审核|了解|跟踪|统计|做好)[^,。;向将把对报每于要应须督]){0,12}?"
    r"(?:情况|名单|材料|结果|进度|进展|报表|台账|成效)"
    r"(?=,(?:由|请|应|要|须|报|于|每|将|作为|统一|及时|纳入)|(?:请|由|统一由|须)[^,。;]{2})"
)
DRAWN_UP = re.compile(r"(?:起草|制定|编制|牵头起草|负责起草)(?:的)?(?=[,。;]|$)")  # 该方案是由市工信局起草
# 该项目由县住建局组织实施,2019年完工: how a work came to be.
DONE_BY_THEN = re.compile(
    r"[^。;]{0,20}[,](?:19|20)\d\d年[^,。;前]{0,10}(?:完工|竣工|建成|开工|交付|投入使用|验收|形成)"
)
# 某医院欠款较多,要制定还款计划: what is wrong with the unit, then what it must do; nobody else is named between.
MODAL_LATER = re.compile(r"(?![的等])[^,。;:由向对请]{2,40},(?:务必|必须|应当|应(?!付|收|急)|须|要(?![求点素]))(?!由)")
# 清偿率低于60%的某区要…, 未按期报送的单位所在县区要…: which unit is meant, then the unit.
WHICH = re.compile(r"(?![对向将把给就凡])[^,。;]{2,40}的")
# Not the local branches of central bodies (国家税务总局某市税务局).
LEVEL_ABOVE = re.compile(
    r"(?:国务院|国家(?!开发银行|(?:税务|金融监督管理|金融监管)总局.{2,}(?:局|分局)$|统计局.+队$|电网)|中央(?!驻)|全国|中共中央)"
)
# 施工单位和各级各部门要…: parties told of in general stand before the list that is told.
OTHERS_FIRST = pattern(
    r"(?:<roles.lead_in>)*(?:(?![对向将把由请经与为给据按])[\u4e00-\u9fff]{2,10}?(?:单位|企业|机构|方|公司|业主|主体|领导|负责人)[、和及与])+"
)
# 请未报送的县财政局于3日内补报: which unit is asked, then the unit.
ASKED_WHICH = re.compile(r"(?:现|特|并|另)?请(?![^,。;]{0,12}[将把对按就于])[^,。;、]{2,14}的")
PARTS = re.compile(
    r"(?:建设|业主|项目|债务|欠款|代建|责任|牵头|成员|组成|配合|主办|协办|实施|承办|监管|主管)(?:单位|部门)$"
)
PLAYED_BY = re.compile(
    r"为|是|包括|包含|有(?!序|效|力)|[省市县区](?![级直属长])"
)  # 责任单位为市财政局, 牵头单位市财政局
LABELLED = re.compile(r"(?P<what>责任|牵头|配合|主办|协办|承办)(?:单位|部门)")
VAGUE = re.compile(r"(?:有关|相关|下属|所属|欠款|拖欠|债务|涉欠|涉事|付款)(?:单位|企业|机构|部门|方面)")
BY_A_DAY = re.compile(
    r"负责(?!人|同志)|(?:于|在)?(?:\d{4}年|今年|明年)?\d{1,2}月(?:\d{1,2}日|[底末中上下]旬?)?(?:\d{1,2}[时点::]\d{0,2}分?)?[之以]?前"
)
SETS_TO = re.compile(r"(?:于|在(?!\d[^,。;]{2,24}期间)|按|组织|立即|尽快|抓紧|认真|负责|会同|及时|务必|\d)")
SENT = re.compile(r"[^,。;]{0,20}(?:转来|来函|发来|来文|来电|致函|去函|收悉|提出的|反映的)")  # 你办7月9日转来的…收悉
COUNTS = re.compile(
    r"(?:已|累计|共)*(?:清偿|偿还|化解|剩余|尚欠|支付|兑付)(?:率|欠款)?(?:为|达)?约?\d|\d[\d,.]*\s?[余多]?(?:万|亿|元|%|笔|户|家|件|条|个|宗|项)"
)
STATUTE = re.compile(r"(?:应当|必须|不得|须)")  # 机关、事业单位应当于每年3月31日前公开
HANDS_OVER = re.compile(r"(?:移送|移交|转交|交由)(?:有管辖权的|有关)?$")
FIELD = re.compile(r"(?<!司法)部门$")
TO_PROSECUTE = re.compile(
    r"(?:依法|依规|依纪|严肃|按规定|限期)*(?:处理|整改|查处|处置|追究|追责|问责|调查|立案|核查|核实|办理|处分)"
)
DRAWN_FROM = ("根据", "依据", "据", "结合", "参考")
JUDGED = ("同意", "听取", "审议", "通过", "研究", "批准")
IN_CHARGE_OF = re.compile(r"(?:牵头)?(?:负责|承担)的(?!同志|领导|人|态度|精神)")
FORMS = re.compile(r"(?:等)?(?:单位|部门)?(?:的)?[^,。;]{0,10}?(?:组成|组建|成立)")
PASSED_ON = pattern(r"(?<![上提递呈送移流报抄推发])<roles.passed_on>$")
TO_BE_DONE = pattern(r"(?:依法|依规|按程序|及时|尽快|负责|抓紧)*<roles.to_be_done>")
HANDED_DOWN = re.compile(r"(?:交办|转办|转来|转交|反馈|反映|通报|批转|受理)")
LIMIT_AHEAD = re.compile(
    r"\d\s?[月日](?:\d{1,2}日|底|中旬|上旬|下旬)?(?:下班)?[之以]?前|年底[之以]?前|每[月周季旬日]|每半[月年]|[按逐][月季周]"
)
FIGURE = re.compile(r"\d[\d,.]*\s?[余多]?(?:万|亿|元|%|笔|户|家|件|条|个|宗|项|次|人)(?!月|工作日|部门|单位)")
TAKES_ON = re.compile(
    r"(?:全面|分别|具体|统一|共同|主动)?(?:负责(?!人|同志)|承担|履行)|[\d年月底前内上下半第一二三四季度]{0,12}(?:率先|带头)|于\d|于?每[月季周]|[按逐][月季周]"
)
CHARGED = re.compile(r"(?:局|厅|委|办|院|部|处|专班|政府|公司|集团|单位|部门)负责督促$")
DERIVED = re.compile(r"(?:指导(?:和|、)?|负责|联合)督促$")
ENTERPRISE = re.compile(r"(?:企业|公司|(?<!公安|司法|检察|监察|审计|税务|行政)机关|主体|集团)$")
BY_LAW = re.compile(r"(?:有限|责任|股份)公司$")  # a company under its registered name is a party, not an office
OWNED = re.compile(r"[省市县区州]属|各")
LEADERS = re.compile(r"(?:政府|领导小组|[省市县区州旗盟]委|党委|党工委)$")
PART_OF_DEED = re.compile(r"(?:履行|发挥|承担)$")
OBJECT_OF = (
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
    "赴",
    "前往",
    "深入",
    "进驻",
    "走访",
    "简称",
    "统称",
)
