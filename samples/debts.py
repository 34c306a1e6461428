"""Invented debts of two counties over two months, with trouble planted in known places.

The counties and the kinds of offices exist, since region codes and office names must resolve; every company, project,
contract, code and amount is made up. Amounts are whole yuan. `PLANTED` in `samples/README.md` lists the trouble.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import random
from decimal import Decimal

# GB 32100-2015: alphabet and weights of the check character.
_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_WEIGHTS = [pow(3, i, 31) for i in range(17)]

JUNE, JULY = dt.date(2026, 6, 30), dt.date(2026, 7, 31)


@dataclasses.dataclass(frozen=True)
class Debt:
    """One line of a ledger at one cut-off day; money in yuan."""

    debtor: str
    debtor_code: str
    debtor_type: str
    creditor: str
    creditor_code: str
    size: str
    project: str
    kind: str
    contract_no: str
    contract_date: dt.date
    contract_amount: Decimal
    arrears: Decimal
    disputed: Decimal
    reason: str
    formed: dt.date
    plan_due: str
    fund: str
    repaid: Decimal
    responsible: str
    remark: str = ""

    @property
    def undisputed(self) -> Decimal:
        """Arrears both sides agree on."""
        return self.arrears - self.disputed

    @property
    def remaining(self) -> Decimal:
        """What is still owed."""
        return self.arrears - self.repaid

    @property
    def dispute_word(self) -> str:
        """The ledger's word for it."""
        return "部分有分歧" if 0 < self.disputed < self.arrears else "有分歧" if self.disputed else "无分歧"


@dataclasses.dataclass(frozen=True)
class County:
    """A county and its ledgers; `short` opens company and contract names."""

    name: str
    code: str
    short: str
    seed: int
    debtors: tuple[tuple[str, str], ...]  # name, type


JIXI = County(
    "绩溪县",
    "341824",
    "徽溪",
    20260630,
    (
        ("绩溪县交通运输局", "机关"),
        ("绩溪县住房和城乡建设局", "机关"),
        ("绩溪县教育体育局", "机关"),
        ("绩溪县水利局", "机关"),
        ("绩溪县农业农村局", "机关"),
        ("绩溪县云川中学", "事业单位"),
        ("绩溪县第九人民医院", "事业单位"),
        ("绩溪县翠岭城乡建设投资有限公司", "国企"),
    ),
)
JINGDE = County(
    "旌德县",
    "341825",
    "梓川",
    20260731,
    (
        ("旌德县财政局", "机关"),
        ("旌德县文化和旅游局", "机关"),
        ("旌德县自然资源和规划局", "机关"),
        ("旌德县卫生健康委员会", "机关"),
        ("旌德县白沙湾小学", "事业单位"),
        ("旌德县青禾交通投资有限公司", "国企"),
    ),
)

_NAMES = ("云岫", "石埠", "竹影", "远帆", "恒信达", "翠屏", "澄江月", "松涛", "金禾田", "启明桥", "禾木", "长汀柳")
_TRADES = (
    ("建筑工程有限公司", "工程", ("{}校舍维修工程", "{}道路硬化工程", "{}办公楼屋面防水工程", "{}河道护岸工程")),
    ("园林绿化有限公司", "工程", ("{}绿化提升工程", "{}公园养护工程")),
    ("电子科技有限公司", "货物", ("{}多媒体设备采购", "{}监控系统设备采购")),
    ("办公设备有限公司", "货物", ("{}办公家具采购", "{}打印耗材采购")),
    ("物业服务有限公司", "服务", ("{}保洁服务", "{}安保服务")),
    ("勘测设计有限公司", "服务", ("{}测绘服务", "{}设计咨询服务")),
    ("医疗器械有限公司", "货物", ("{}检验设备采购",)),
)
_PLACES = ("东片区", "西片区", "老城区", "新区", "北门", "沿河", "南湖", "站前")
_FUNDS = ("预算资金", "专项债券", "上级补助", "自筹资金", "资产处置")
_REASONS = ("工程量核定有分歧", "质量缺陷待整改", "结算审计未完成")


def code_of(first: str, region: str, number: int) -> str:
    """A unified social credit code that checks: kind, region, invented body code (GB 11714 check included)."""
    body = f"MAX{number:05d}"
    weights = (3, 7, 9, 10, 5, 8, 4, 2)
    total = sum(int(c, 36) * w for c, w in zip(body, weights, strict=True))
    own = "0123456789X0"[(11 - total % 11)] if total % 11 != 1 else "X"
    head = f"{first}{region}{body}{own}"
    check = (31 - sum(_ALPHABET.index(c) * w for c, w in zip(head, _WEIGHTS, strict=True)) % 31) % 31
    return head + _ALPHABET[check]


def june(county: County, count: int) -> list[Debt]:
    """The county's debts as of 30 June 2026."""
    dice = random.Random(county.seed)

    def pick(low: int, high: int) -> int:
        return dice.randrange(low, high + 1)

    debts: list[Debt] = []
    for index in range(count):
        debtor_index = index % len(county.debtors)
        debtor, debtor_type = county.debtors[debtor_index]
        first = {"机关": "11", "事业单位": "12", "国企": "91"}[debtor_type]
        name = _NAMES[pick(0, len(_NAMES) - 1)]
        trade_index = pick(0, len(_TRADES) - 1)
        suffix, kind, projects = _TRADES[trade_index]
        place = _PLACES[(index + pick(0, 1)) % len(_PLACES)]
        contract = Decimal(pick(60, 2600)) * 1000
        arrears = hundreds(contract * pick(8, 55) / 100)
        mode = pick(1, 10)  # one in five with a dispute, half of them in part
        disputed = arrears if mode == 1 else hundreds(arrears * 2 / 5) if mode == 2 else Decimal(0)
        share = Decimal(pick(0, 4)) / 4
        repaid = hundreds((arrears - disputed) * share)
        signed = dt.date(2021 + pick(0, 3), pick(1, 12), pick(1, 28))
        year, month = 2026 + (1 if pick(1, 6) == 1 else 0), pick(8, 12)
        debts.append(
            Debt(
                debtor=debtor,
                debtor_code=code_of(first, county.code, 10 + debtor_index),
                debtor_type=debtor_type,
                creditor=f"{county.short}{name}{suffix}",
                creditor_code=code_of("91", county.code, 20000 + 100 * _NAMES.index(name) + trade_index),
                size=("小型", "微型", "中型")[(_NAMES.index(name) + trade_index) % 3],
                project=projects[pick(0, len(projects) - 1)].format(place),
                kind=kind,
                contract_no=f"{'JX' if county.code == JIXI.code else 'JD'}-{signed.year}-{index + 1:03d}",
                contract_date=signed,
                contract_amount=contract,
                arrears=arrears,
                disputed=disputed,
                reason=_REASONS[pick(0, 2)] if disputed else "",
                formed=signed + dt.timedelta(days=pick(200, 480)),
                plan_due=f"{year}年{month}月底",
                fund=_FUNDS[pick(0, 4)],
                repaid=repaid,
                responsible=debtor,
            )
        )
    return debts


def july(county: County, before: list[Debt], new: int) -> list[Debt]:
    """A month later: some repay, cleared ones stay with a remark, a few new ones come in."""
    dice = random.Random(county.seed + 1)
    debts: list[Debt] = []
    for debt in before:
        if debt.remaining == 0:
            debts.append(dataclasses.replace(debt, remark="已销号"))
            continue
        open_part = debt.undisputed - debt.repaid
        step = hundreds(open_part * dice.randrange(0, 3) / 4)
        debts.append(dataclasses.replace(debt, repaid=debt.repaid + step))
    extra = june(dataclasses.replace(county, seed=county.seed + 7), len(before) + new)[len(before) :]
    fresh = (
        dataclasses.replace(
            d,
            contract_no=f"{d.contract_no[:2]}-2025-{d.contract_no[-3:]}",
            contract_date=dt.date(2025, 3, 9),
            formed=dt.date(2026, 7, 2),
            repaid=Decimal(0),
            remark="7月新增排查",
        )
        for d in extra
    )
    return [*debts, *fresh]


def hundreds(value: Decimal) -> Decimal:
    """Rounded to whole hundreds of yuan: two decimals in 万元."""
    return (value / 100).to_integral_value() * 100


def jixi() -> tuple[list[Debt], list[Debt]]:
    """绩溪县, June and July, with trouble: see the README of the samples."""
    first = june(JIXI, 24)
    # a wrong check character, in both months
    victim = first[4].creditor_code
    first[4] = dataclasses.replace(first[4], creditor_code=victim[:-1] + ("7" if victim[-1] != "7" else "8"))
    # fixed cases, so that what is planted below is certain to show
    first[9] = dataclasses.replace(first[9], disputed=Decimal(0), reason="", repaid=Decimal(0))
    first[14] = dataclasses.replace(first[14], disputed=Decimal(0), reason="", repaid=Decimal(0))
    first[17] = dataclasses.replace(first[17], plan_due="2026年6月31日")  # no such day
    second = july(JIXI, first, 2)
    # relabelled from undisputed to disputed, without a reason
    second[14] = dataclasses.replace(second[14], disputed=second[14].arrears, repaid=Decimal(0), reason="")
    # vanishes although something is still owed
    del second[9]
    return first, second


def jingde() -> tuple[list[Debt], list[Debt]]:
    """旌德县, June and July, with trouble: see the README of the samples."""
    first = june(JINGDE, 18)
    first[5] = dataclasses.replace(
        first[5], disputed=Decimal(0), reason="", repaid=Decimal(20000), arrears=Decimal(180000)
    )
    first[11] = dataclasses.replace(
        first[11], plan_due="2026年7月15日", disputed=Decimal(0), reason="", repaid=Decimal(0)
    )
    second = july(JINGDE, first, 1)
    # cumulative repayment falls from month to month
    second[5] = dataclasses.replace(second[5], repaid=Decimal(5000))
    # the agreed day has passed and nothing was paid
    second[11] = dataclasses.replace(second[11], repaid=Decimal(0))
    return first, second


def total(debts: list[Debt], field: str) -> Decimal:
    """Sum of one money property."""
    return sum((getattr(d, field) for d in debts), Decimal(0))
