"""Cadences: 按月, 每季度, 每周五下班前, 月调度, 定期 … as recurrence rules (RFC 5545; None where no rate is given).

A quarter is `FREQ=MONTHLY;INTERVAL=3`. 每月 and its kin count only where something is done at that rate; before a
noun they describe it (每月清偿变化) and are left alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from extractors.rules.engine import Layer, Rule
from extractors.rules.numbers import any_integer


@dataclass(frozen=True, slots=True)
class Cadence:
    """A recurrence `rule`, or None for 定期 and 不定期. `flags` tell what had to be assumed."""

    rule: str | None
    flags: tuple[str, ...] = ()


_EVERY = {
    "日": "FREQ=DAILY", "天": "FREQ=DAILY", "周": "FREQ=WEEKLY", "星期": "FREQ=WEEKLY", "旬":
    "FREQ=MONTHLY;BYMONTHDAY=10,20,-1",
    "月": "FREQ=MONTHLY", "月度": "FREQ=MONTHLY", "季": "FREQ=MONTHLY;INTERVAL=3", "季度": "FREQ=MONTHLY;INTERVAL=3",
    "半年": "FREQ=MONTHLY;INTERVAL=6", "半年度": "FREQ=MONTHLY;INTERVAL=6", "年": "FREQ=YEARLY", "年度": "FREQ=YEARLY",
    "半月": "FREQ=MONTHLY;BYMONTHDAY=15,-1", "半个月": "FREQ=MONTHLY;BYMONTHDAY=15,-1", "双周":
    "FREQ=WEEKLY;INTERVAL=2",
    "双月": "FREQ=MONTHLY;INTERVAL=2", "工作日": "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR",
}  # fmt: skip
_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_WORKDAYS = "BYDAY=MO,TU,WE,TH,FR"
_QUARTER_MONTHS = {"首": "1,4,7,10", "第一": "1,4,7,10", "头": "1,4,7,10", "次": "1,4,7,10", "末": "3,6,9,12", "最后":
    "3,6,9,12",
    "第三":
    "3,6,9,12",
                   "第二": "2,5,8,11", "中": "2,5,8,11"}  # fmt: skip


def _plain(m: re.Match[str]) -> Cadence | None:
    count, unit = m["count"], m["unit"]
    rule = _EVERY[unit]
    if count:
        n = any_integer(count)
        if n is None or n < 1:
            return None
        freq, _, interval = rule.partition(";INTERVAL=")
        step = n * int(interval or 1)
        rule = freq if step == 1 else f"{freq};INTERVAL={step}"
    return Cadence(rule)


def _unit(m: re.Match[str]) -> Cadence | None:
    return Cadence(_EVERY[m["unit"]])


def _month_day(m: re.Match[str]) -> Cadence | None:
    if m["more"]:
        if m["more"].endswith(("底", "末")):
            return Cadence(f"FREQ=MONTHLY;BYMONTHDAY={any_integer(m['d'])},-1")  # 每月15日和月底前
        days = [any_integer(x) for x in re.split(r"[日号、和及\s]+", f"{m['d']}、{m['more']}") if x]
        if any(x is None or not 1 <= x <= 31 for x in days):
            return None
        return Cadence(f"FREQ=MONTHLY;BYMONTHDAY={','.join(str(x) for x in days)}")
    day = any_integer(m["d2"] or m["d"])
    if day is None or not 1 <= day <= 31:
        return None
    return Cadence(f"FREQ=MONTHLY;BYMONTHDAY={day}")


def _month_part(m: re.Match[str]) -> Cadence | None:
    part = m["part"]
    if "工作日" in part:
        n = re.search(r"[\d一二三四五六七八九十]+", part.replace("一个", ""))
        position = -1 if "最后" in part or "末" in part else any_integer(n.group()) if n else 1
        return Cadence(f"FREQ=MONTHLY;{_WORKDAYS};BYSETPOS={position}")
    if part[0] == "前":
        n = re.search(r"[\d一二三四五六七八九十]+", part)
        return Cadence(f"FREQ=MONTHLY;BYMONTHDAY={any_integer(n.group())}") if n else None
    day = {"上": 10, "中": 20, "下": -1, "底": -1, "末": -1, "月": -1, "初": 10, "最": -1}[part[0]]
    return Cadence(f"FREQ=MONTHLY;BYMONTHDAY={day}", ("approximate_day",) if "初" in part else ())


def _quarter(m: re.Match[str]) -> Cadence | None:
    """Refuse 每季度 without a day or 末; 末 alone is the quarter's end."""
    which = (m["which"] or "").rstrip("个月一") or None
    text = m.group()
    if m["d"] is None and which is None and not re.search(r"[末底]", text):
        return None
    if m["d"] is not None and m["u"] is None:
        return None
    if m["d"] is None:
        if which in ("首", "第一", "头", "次", "第二"):
            return None
        return Cadence("FREQ=MONTHLY;INTERVAL=3;BYMONTHDAY=-1")
    if which == "末" and "月" not in text:
        which = "末"
    months = _QUARTER_MONTHS.get({"第": "第一", "最后": "最后"}.get(which or "", which or ""))
    day = any_integer(m["d"])
    if day is None or not 1 <= day <= 31:
        return None
    if months:
        return Cadence(f"FREQ=MONTHLY;BYMONTH={months};BYMONTHDAY={day}")
    return Cadence(f"FREQ=MONTHLY;INTERVAL=3;BYMONTHDAY={day}")


def _nth_weekday(m: re.Match[str]) -> Cadence | None:
    day = _DAYS["一二三四五六日".index(m["d"].replace("天", "日"))]
    position = -1 if m["last"] else "一二三四五".index(m["n"]) + 1
    if m["unit"] != "月" and not m["last"]:
        return None  # 每季度第二个周五 counts weeks of a quarter, which a recurrence by months cannot say
    return Cadence(f"{_EVERY[m['unit']]};BYDAY={position}{day}")


def _quarter_after(m: re.Match[str]) -> Cadence | None:
    """每季度结束后10日内: the days after the quarter are those of its next month."""
    day = any_integer(m["d"])
    if day is None:
        return None
    if m["wd"]:
        return Cadence(f"FREQ=MONTHLY;BYMONTH=1,4,7,10;{_WORKDAYS};BYSETPOS={day}")
    return Cadence(f"FREQ=MONTHLY;BYMONTH=1,4,7,10;BYMONTHDAY={day}") if 1 <= day <= 31 else None


def _month_after(m: re.Match[str]) -> Cadence | None:
    day = any_integer(m["d"])
    if day is None:
        return None
    return Cadence(f"FREQ=MONTHLY;{_WORKDAYS};BYSETPOS={day}" if m["wd"] else f"FREQ=MONTHLY;BYMONTHDAY={day}")


def _month_list(m: re.Match[str]) -> Cadence | None:
    """1月、4月、7月、10月的10日前."""
    months = [
        any_integer(x)
        for x in re.findall(r"(\d{1,2}|十[一二]?|[一二三四五六七八九])\s?月?(?=[、和及月]|$)", m["months"])
    ]
    day = any_integer(m["d"]) if m["d"] else -1
    opens = m.start() == 0 or m.string[m.start() - 1] in "\n。;:!?"
    if opens and m.group()[0] != "每" and re.match(r"[\d一二三四五六七八九十]{1,3}、", m["months"]):
        return None  # 二、11月底前完成: the number of an item
    if (
        len(months) < (2 if m["of"] or not m["d"] or m.group().startswith("每") else 3)
        or any(x is None or not 1 <= x <= 12 for x in months)
        or day is None
    ):
        return None
    return Cadence(f"FREQ=MONTHLY;BYMONTH={','.join(str(x) for x in months)};BYMONTHDAY={day}")


def _weekday(m: re.Match[str]) -> Cadence | None:
    days = [_DAYS["一二三四五六日".index(c.replace("天", "日"))] for c in re.findall(r"[一二三四五六日天]", m["days"])]
    freq = "FREQ=WEEKLY;INTERVAL=2" if m["every"] != "每" else "FREQ=WEEKLY"
    return Cadence(f"{freq};BYDAY={','.join(days)}")


def _year_day(m: re.Match[str]) -> Cadence | None:
    month = any_integer(m["m2"] or m["m"])
    if month is None or not 1 <= month <= 12:
        return None
    if m["m3"]:
        other = any_integer(m["m3"])
        if other is None or bool(m["d"]) != bool(m["d3"]) or (m["d"] or "") != (m["d3"] or ""):
            return None
        day_part = "" if m.group().rstrip("份").endswith("月") else f";BYMONTHDAY={m['d'] or -1}"
        return Cadence(f"FREQ=YEARLY;BYMONTH={month},{other}{day_part}")
    raw = m["d2"] if m["m2"] else m["d"]
    if not raw and not m["m2"] and m.group().rstrip("份").endswith("月"):
        return Cadence(f"FREQ=YEARLY;BYMONTH={month}")  # 每年4月开展: some day of it
    day = any_integer(raw) if raw else -1
    return Cadence(f"FREQ=YEARLY;BYMONTH={month};BYMONTHDAY={day}") if day and day <= 31 else None


def _year_part(m: re.Match[str]) -> Cadence | None:
    part = m["part"]
    if "季" in part:
        n = re.search(r"[一二三四1-4]", part)
        month = 3 * (any_integer(n.group()) or 4) if n else 12
        return Cadence(f"FREQ=YEARLY;BYMONTH={month};BYMONTHDAY=-1")
    if "初" in part:
        return Cadence("FREQ=YEARLY;BYMONTH=1", ("approximate_day",))
    return Cadence(
        "FREQ=YEARLY;BYMONTH=6;BYMONTHDAY=30" if "上半年" in part else "FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=31"
    )


def _vague(m: re.Match[str]) -> Cadence | None:
    return Cadence(None, ("irregular",) if m.group().startswith("不") else ())


_D = r"(?:3[01]|[12]\d|0?[1-9]|三十一?|二十[一二三四五六七八九]?|十[一二三四五六七八九]?|[一二三四五六七八九])"
_M = r"(?:1[0-2]|0?[1-9]|十[一二]|[一二三四五六七八九十])"
_TIME = (
    r"(?:\s?(?:上午|下午|中午|晚上|早上)?\s?\d{1,2}(?:[::]\d{2}|时|点)(?:\d{2}分|半|整)?)?(?:上班|下班|中午|当天"
    r"|当日|闭市)?"
)
_LIMIT = r"(?:之前|以前|前|为限)?"
_DOING = (
    r"(?=[,\s]?(?:\([^()]{1,20}\))?(?:[^,。;的]{0,2}?(?:<time.cadence_verb>)|<time.cadence_verb_noun>(?!变化|进度|能力|情况|资金|金额"
    r"|数额|总额|额|率|计划|任务|比例|的)|一次|两次|(?:财政|部门|本级|年度|年初){0,2}预算(?:中|内|里)?(?:安排|列支|预留|统筹)(?!的)|[一二三四五两\d]+次|一[调通报汇研督总会排更对小晾推清]))"
)
_NOT_RATE = (
    r"(?!份|万分|千分|百分|期|息|增|减|下降|上升|递|攀|节|龄|常|计|租|薪|利|均|初|末|底|会议|工资|平均|产|供|销售额)"
)

RULES: tuple[Rule, ...] = (
    Rule(
        "cadence.every",
        "cadence",
        rf"每(?:隔)?(?P<count>[\d一二两三四五六七十]{{1,2}})?个?(?P<unit>工作日|半个?月|半年度?|季度?|月度?|星期|周|旬"
        rf"|年度?|日|天)(?:度)?{_DOING}",
        _plain,
        examples=(
            ("每月召开调度会", "每月"),
            ("每半年报告一次", "每半年"),
            ("每两周调度一次", "每两周"),
            ("每季度通报", "每季度"),
        ),
        counter_examples=("掌握每月清偿变化", "每年度预算安排的资金", "每天气"),
    ),
    Rule(
        "cadence.clock",
        "cadence",
        r"每个?(?P<unit>工作日|日|天)\s?(?:上午|下午|中午|晚上|早上|晚)?\s?(?:(?:[01]?\d|2[0-4])(?:[::][0-5]\d"
        r"|时(?:[0-5]?\d分)?|点(?:半|[0-5]?\d分)?)|下班|上班)(?:之前|以前|前)?",
        _unit,
        examples=(("每日18:00前报送", "每日18:00前"), ("每个工作日下班前更新", "每个工作日下班前")),
        counter_examples=("每日报送",),
    ),
    Rule(
        "cadence.by",
        "cadence",
        rf"(?<!分)[按逐](?P<unit>半年度?|半月|季度?|月度?|周|旬|日|年度?){_NOT_RATE}",
        _unit,
        examples=(("按月梳理汇总", "按月"), ("逐季通报", "逐季"), ("按周更新", "按周")),
        counter_examples=("按月份列示", "逐年下降", "按季节施工", "按日常工作", "按年龄划分"),
    ),
    Rule(
        "cadence.noun",
        "cadence",
        r"(?<!"
        r"[\d一二三四五六七八九十个本上下当次同每逐按岁单满多几两半年人晨晚早近今第旺淡春夏秋冬雨换四圆整生节假平终昨旧]"
        r")(?<![^其]中)(?P<unit>半月|双周|双月|月度?|季度?|周|旬)(?:度)?"
        r"(?:调度|跟踪|跟进|通报|报告|报送|上报|排名|督办|督查|会商|例会|研判|汇总|更新|统计|清零|小结|分析|晾晒|监测|总结"
        r"|对账|评估|考评|考核|点评|碰头|工作例会|报(?![价酬名到复销警刊社纸考喜表]))",
        _unit,
        examples=(
            ("进行月调度、季通报", "月调度"),
            ("实行周报告制度", "周报告"),
            ("建立双月例会机制", "双月例会"),
            ("执行月报制度", "月报"),
        ),
        counter_examples=("5月通报的问题", "本月调度会", "第三季度报告", "上周例会", "一季度通报", "6月中旬报送"),
    ),
    Rule(
        "cadence.daily_noun",
        "cadence",
        r"(?<![\d一二三四五六七八九十百当次本同每逐按人民晚早今昨即工作然历省市])(?P<unit>日)(?:报告|跟踪|跟进|督办|调度|通报|排名"
        r"|清零|碰头|报制度|研判|汇总|统计|报(?=[、,。]))",
        _unit,
        examples=(("实行日报告、零报告", "日报告"),),
        counter_examples=("6月17日报告", "人民日报", "当日报送", "提前5个工作日报告"),
    ),
    Rule(
        "cadence.one_each",
        "cadence",
        r"(?:一|每(?!周)|(?=半月|半年))(?P<unit>半年|半月|季度?|月|周|旬|日|天|年)(?:一|1)(?:次?)(?:调度|通报|汇总|报告|研判|督查|总结"
        r"|小结|会商|排名|更新|清零|推送|分析|例会|上报|报送|报|督导|汇报|对账|晾晒|评估|考核|考评|检查|督办|公示|约谈|碰头|盘点|复盘|梳理)",
        _unit,
        examples=(("一周一调度、一月一通报", "一周一调度"),),
        counter_examples=("一月一日",),
    ),
    Rule(
        "cadence.month_day",
        "cadence",
        rf"每个?月的?(?P<d>{_D})\s?[日号]?(?:(?<=[日号])\s?(?:至|到|—|-|~)\s?(?P<d2>{_D})\s?[日号]"
        rf"|(?P<more>(?:\s?[、和及]\s?{_D}\s?[日号]?){{1,4}}|(?<=[日号])\s?[、和及]\s?(?:每月)?月?(?:月底|月末|底|末)))?"
        rf"(?<=[日号底末]){_TIME}{_LIMIT}",
        _month_day,
        examples=(
            ("每月5日前报送上月数据", "每月5日前"),
            ("每月25日下班前", "每月25日下班前"),
            ("每月5日、20日前报送", "每月5日、20日前"),
            ("每月15日和月底前各报送一次", "每月15日和月底前"),
        ),
        counter_examples=("5月5日前",),
    ),
    Rule(
        "cadence.month_part",
        "cadence",
        rf"每个?月的?(?P<part>月?底|月?末|初|上旬|中旬|下旬|(?:的)?最后(?:一|1)个?(?:工作日|天|日)|前(?:\d{{1,2}}"
        rf"|[一二三四五六七八九十]{{1,2}})个?工作日|第(?:\d{{1,2}}|[一二三四五六七八九十]{{1,2}})个?工作日|前"
        rf"(?:\d{{1,2}}|[一二三四五六七八九十]{{1,2}})[日天])(?:以内|之内|内)?{_TIME}{_LIMIT}",
        _month_part,
        examples=(
            ("每月底前报送", "每月底前"),
            ("每月最后一个工作日前", "每月最后一个工作日前"),
            ("每月前5个工作日内", "每月前5个工作日内"),
            ("每月上旬", "每月上旬"),
        ),
        counter_examples=("6月底前",),
    ),
    Rule(
        "cadence.month_after",
        "cadence",
        r"(?:每个?月(?:结束|终了)后|月度(?:结束|终了)后|(?<![\d个几一二三四五六七八九十])月后|次月(?:前|的前))(?P<d>\d{1,2}"
        r"|[一二三四五六七八九十]{1,2})(?:(?P<wd>个工作日)|个?自然日|日|天)(?:以内|之内|内)",
        _month_after,
        examples=(("每月结束后5个工作日内报送", "每月结束后5个工作日内"),),
        counter_examples=("3个月后5日内",),
    ),
    Rule(
        "cadence.quarter_day",
        "cadence",
        rf"(?:每个?季度?|各季度?|季度?(?=[末首][月次\d]))的?(?P<which>末|首|第[一二三]个?|最后一?个?|头一?个?"
        rf"|次)?(?:个)?(?:月份?|季)?的?(?P<d>{_D})?(?P<u>\s?[日号])?(?<=[日号末底月]){_TIME}{_LIMIT}",
        _quarter,
        examples=(
            ("每季度末月25日前", "每季度末月25日前"),
            ("每季度首月10日前", "每季度首月10日前"),
            ("每季度末报送", "每季度末"),
            ("每季度最后一个月20日前", "每季度最后一个月20日前"),
        ),
        counter_examples=("三季度末", "每季度通报"),
    ),
    Rule(
        "cadence.last_weekday",
        "cadence",
        rf"每个?(?P<unit>季度?|月|年)的?(?:(?P<last>最后)一个?|第(?P<n>[一二三四五])个?)(?:周|星期)(?P<d>[一二三四五六日天]){_LIMIT}",
        _nth_weekday,
        examples=(
            ("每季度最后一个周五前报送", "每季度最后一个周五前"),
            ("每月第一个周一召开", "每月第一个周一"),
        ),
        counter_examples=("每周五前", "最后一个周五"),
    ),
    Rule(
        "cadence.quarter_after",
        "cadence",
        r"(?:每个?季度?(?:结束|终了|度?末)?后|季后|季度(?:结束|终了)后)(?P<d>\d{1,2}|[一二三四五六七八九十]{1,2})(?:"
        r"(?P<wd>个工作日)|个?自然日|日|天)(?:以内|之内|内)",
        _quarter_after,
        examples=(
            ("每季度结束后10日内", "每季度结束后10日内"),
            ("季度终了后15日内", "季度终了后15日内"),
            ("每季度后5个工作日内", "每季度后5个工作日内"),
        ),
        counter_examples=("四季后",),
    ),
    Rule(
        "cadence.quarter_next",
        "cadence",
        rf"(?:每个?季度?|季度)(?:结束|终了|末|末月)?(?:后)?的?(?:次月|下月|下个月)的?(?P<d>{_D})\s?[日号]{_TIME}{_LIMIT}",
        lambda m: Cadence(f"FREQ=MONTHLY;BYMONTH=1,4,7,10;BYMONTHDAY={any_integer(m['d'])}"),
        examples=(("每季度末的次月5日前报送", "每季度末的次月5日前"),),
        counter_examples=("每季度末报送，次月5日前汇总",),
    ),
    Rule(
        "cadence.month_list",
        "cadence",
        rf"(?:每年的?)?(?P<months>{_M}\s?月?(?:、\s?{_M}\s?月?){{1,11}}(?:[和及]\s?{_M}\s?月)?)(?<=月)份?(?P<of>的"
        rf"|各月)?(?:(?P<d>{_D})\s?[日号]|月?底|末){_TIME}(?:之前|以前|前)",
        _month_list,
        examples=(("1月、4月、7月、10月的10日前报送", "1月、4月、7月、10月的10日前"),),
        counter_examples=("5月、6月", "3月、4月30日前", "二、11月底前清偿", "报送。2、3月底前完成"),
    ),
    Rule(
        "cadence.weekday",
        "cadence",
        rf"(?P<every>每两|每隔一|隔|双|每)个?(?:周|星期)(?P<days>[一二三四五六日天](?![次个轮篇份期])"
        rf"(?:[、和至]周?[一二三四五六日天]){{0,4}}){_TIME}{_LIMIT}",
        _weekday,
        examples=(("每周五下班前报送", "每周五下班前"), ("每周一、周四报送", "每周一、周四")),
        counter_examples=("下周五前", "每周一次调度"),
    ),
    Rule(
        "cadence.weekday_fixed",
        "cadence",
        r"(?<![每本这下上隔双\d])周(?P<d>[一二三四五])(?=[”\"]?(?:报告|通报|调度|例会|会商|报送|报)[”\"]?(?:制度|机制)"
        r"|(?:定)?为(?:固定)?[^,。;]{1,8}日)",
        lambda m: Cadence(f"FREQ=WEEKLY;BYDAY={_DAYS['一二三四五'.index(m['d'])]}"),
        examples=(("严格落实周五报告制度", "周五"), ("周三为固定报数日", "周三")),
        counter_examples=("周五报送", "每周五报告制度"),
    ),
    Rule(
        "cadence.year_day",
        "cadence",
        rf"每年度?的?(?P<m>{_M})\s?月份?(?:(?P<d>{_D})\s?[日号]|底|末)?(?:\s?(?:至|到|—|-|~)\s?(?P<m2>{_M})\s?月"
        rf"(?:(?P<d2>{_D})\s?[日号]|底|末)?|[、和]\s?(?P<m3>{_M})\s?月(?:(?P<d3>{_D})\s?[日号]|底|末)?)?{_LIMIT}",
        _year_day,
        examples=(
            ("每年3月31日前公开", "每年3月31日前"),
            ("每年1月1日至6月30日", "每年1月1日至6月30日"),
            ("每年1月底前", "每年1月底前"),
            ("每年6月底、12月底前", "每年6月底、12月底前"),
            ("每年4月、10月各开展一次", "每年4月、10月"),
        ),
        counter_examples=("今年3月31日前",),
    ),
    Rule(
        "cadence.year_part",
        "cadence",
        rf"每年度?的?(?P<part>年?底|年?末|年?初|上半年[末底]?|下半年[末底]?"
        rf"|第?[一二三四1-4]季度[末底]?){_LIMIT}",
        _year_part,
        examples=(("每年底前开展评估", "每年底前"), ("每年一季度", "每年一季度")),
        counter_examples=("今年底前",),
    ),
    Rule(
        "cadence.vague",
        "cadence",
        r"(?<![约规固确指法限特设既预锁])(?:不定期|定期)(?!限|间|存|债|内|满|届|待|性|化(?!解)|以|或)",
        _vague,
        examples=(("定期通报进展", "定期"), ("不定期开展回访", "不定期")),
        counter_examples=("在规定期限内", "约定期间", "定期存款"),
    ),
)


LAYER = Layer(
    "cadence",
    rf"[每按逐](?=[年季月周旬日天个半双两隔星工\d一二三四五六七十])|隔周|双周|双月|半[月年](?=一)|半月|[月季周旬](?:度)?"
    rf"(?=[调通报排督会例研汇更统清小分晾监总对评考点碰工上跟])|日(?=[报调通排清碰研汇统跟督])|(?<![每本这下上隔双\d])周(?=[一二三四五])|一"
    rf"(?=[半季月周旬日天年][一1])|不?定期|(?:月|季)度?(?:终了|结束)?后|次月(?=前|的前)|各季|季度?(?=[末首次])|(?<!\d){_M}\s?月?(?=、)",
    RULES,
)
