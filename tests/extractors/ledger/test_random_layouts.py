"""A random canonical table drawn through a random layout must come back equal, whatever the county's habits."""

from __future__ import annotations

import datetime as dt
import random
from decimal import Decimal

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from extractors.document import Document
from extractors.facts import Context
from extractors.ledger import extract
from extractors.ledger.words import lexicon, unit_factors
from tests.extractors.ledger.factory import Value, document, table

MONEY = ("contract_amount_yuan", "arrears_amount_yuan", "undisputed_amount_yuan", "disputed_amount_yuan",
         "repaid_amount_yuan", "remaining_amount_yuan")  # fmt: skip
TEXTS = ("debtor_name", "creditor_name", "project_name", "contract_no", "fund_source", "remarks", "responsible_unit")
DATES = ("contract_date", "due_date", "plan_due_date", "arrears_formed_date")
ALWAYS = ("debtor_name", "creditor_name", "arrears_amount_yuan")
# Words that only mean the field beside another one, or that name two fields; tested on their own.
AVOID = set(
    """
    欠款 拖欠款 余额 项目 欠款项目 原因 说明 附件 形成年份 形成年度 拖欠年份 欠款年份 欠款年度
    拖欠情况 涉诉金额 企业名称 中小企业 拖欠时间 欠款时间 逾期时间 债务金额 诉求金额 投诉金额 无分歧
    有分歧 无争议 有争议 存在分歧 责任主体 到期日 到期日期 到期时间 备考 剩余 投诉人 被投诉人
    拖欠中小企业账款
    """.split()  # noqa: SIM905 (a list would be one word a line)
)  # fmt: skip
UNITS = ("元", "万元", "千元", "亿元")


class Layout(msgspec.Struct, frozen=True):
    """How a county draws its ledger."""

    seed: int
    unit: str
    unit_place: str  # caption | header | cell | note | column
    title: bool
    above: bool
    grouped: bool
    numbers_as_text: bool
    subtotals: bool
    total: str  # none | first | last
    repeat: str  # full | blank | ditto | merge
    blank_rows: bool
    page_headers: bool
    column_numbers: bool
    notes: bool
    date_style: int
    decorated: bool


def fen(draw: st.DrawFn) -> Decimal:
    """An amount of at least one yuan, exact in fen."""
    return Decimal(draw(st.integers(100, 90_000_000))) * Decimal(100)


@st.composite
def canonical(draw: st.DrawFn) -> list[dict[str, object]]:
    """Rows sorted by debtor, with parts that add up."""
    rows: list[dict[str, object]] = []
    for number in range(draw(st.integers(1, 6))):
        arrears = fen(draw)
        undisputed = draw(st.sampled_from([arrears, Decimal(0), arrears / 2]))
        repaid = draw(st.sampled_from([Decimal(0), arrears / 4, arrears]))
        day = draw(st.dates(dt.date(2015, 1, 1), dt.date(2025, 12, 31)))
        rows.append(
            {
                "debtor_name": draw(
                    st.sampled_from(["甲县教育局", "甲县水利局", "乙镇人民政府", "丙城投集团有限公司"])
                ),
                "creditor_name": f"第{number + 1}建筑工程有限公司",
                "project_name": draw(st.sampled_from(["中学操场改造", "桌椅采购", "道路养护（二期）"])) + str(number),
                "contract_no": f"HT-{number}",
                "fund_source": draw(st.sampled_from(["预算资金", "专项债", "自筹"])),
                "remarks": draw(st.sampled_from([None, "已约谈", "待审计"])),
                "responsible_unit": "甲县财政局",
                "contract_amount_yuan": arrears * 2,
                "arrears_amount_yuan": arrears,
                "undisputed_amount_yuan": undisputed,
                "disputed_amount_yuan": arrears - undisputed,
                "repaid_amount_yuan": repaid,
                "remaining_amount_yuan": arrears - repaid,
                **{name: day.isoformat() for name in DATES},
            }
        )
    rows.sort(key=lambda r: str(r["debtor_name"]))
    return rows


layouts = st.builds(
    Layout,
    seed=st.integers(0, 2**32),
    unit=st.sampled_from(UNITS),
    unit_place=st.sampled_from(["caption", "header", "cell", "note", "column"]),
    title=st.booleans(),
    above=st.booleans(),
    grouped=st.booleans(),
    numbers_as_text=st.booleans(),
    subtotals=st.booleans(),
    total=st.sampled_from(["none", "first", "last"]),
    repeat=st.sampled_from(["full", "blank", "ditto", "merge"]),
    blank_rows=st.booleans(),
    page_headers=st.booleans(),
    column_numbers=st.booleans(),
    notes=st.booleans(),
    date_style=st.integers(0, 3),
    decorated=st.booleans(),
)


def words_of(field: str) -> list[str]:
    return [w for w in lexicon().fields[field].words if w not in AVOID]


class Drawing:
    """Draws canonical rows as a grid."""

    def __init__(self, rows: list[dict[str, object]], layout: Layout) -> None:
        self.layout = layout
        self.random = random.Random(layout.seed)
        optional = [f for f in (*TEXTS, *MONEY, *DATES) if f not in ALWAYS and self.random.random() < 0.6]
        middle = [*ALWAYS[1:], *optional]
        self.random.shuffle(middle)
        self.fields = ["debtor_name", *middle]
        if layout.grouped:  # keep the parts of a group together
            self.fields = [
                f
                for f in self.fields
                if f not in ("undisputed_amount_yuan", "disputed_amount_yuan", "arrears_amount_yuan")
            ]
            self.fields += ["arrears_amount_yuan", "undisputed_amount_yuan", "disputed_amount_yuan"]
        self.grid: list[list[Value]] = []
        self.merges: list[str] = []
        self.where: list[int] = []
        self.draw(rows)

    def draw(self, rows: list[dict[str, object]]) -> None:
        lay = self.layout
        self.width = len(self.fields) + 1 + (lay.unit_place == "column")
        if lay.title:
            self.put(["某县清理拖欠中小企业账款台账"], merge=True)
        if lay.above:
            self.put(["填报单位（盖章）：某县清欠办        填报日期：2023年6月5日"], merge=True)
        if lay.unit_place == "caption":
            self.put(
                [
                    *([None] * (self.width - 1)),
                    self.random.choice([f"单位：{lay.unit}", f"金额单位：人民币{lay.unit}", f"（{lay.unit}）"]),
                ]
            )
        if lay.unit_place == "note":
            self.put(
                [
                    f"填表说明：一、本表由各单位填报，金额单位统一为{lay.unit}；二、拖欠单位填写单位全称，不得使用简称，不得漏报瞒报。"
                ],
                merge=True,
            )
        header = self.header()
        for line in header:
            self.put(line)
        if lay.column_numbers:
            self.put([i + 1 for i in range(self.width)])
        if lay.total == "first":
            self.total(rows, "合计")
        previous: str | None = None
        block: list[dict[str, object]] = []
        start = len(self.grid)
        for number, row in enumerate(rows, start=1):
            debtor = str(row["debtor_name"])
            if lay.subtotals and block and debtor != previous:
                self.total(block, "小  计")
                block = []
            if debtor != previous or not block:
                start = len(self.grid)
            self.put(self.line(number, row, repeated=bool(block) and debtor == previous))
            self.where.append(len(self.grid))
            block.append(row)
            last = number == len(rows) or str(rows[number]["debtor_name"]) != debtor
            if last:
                self.close_merge(start)
            if last and lay.blank_rows:
                self.put([])
                block = block if lay.subtotals else []
            if last and lay.page_headers and number < len(rows) and len(header) == 1:
                for line in header:
                    self.put(line)
                block = block if lay.subtotals else []
            previous = debtor
        if lay.subtotals:
            self.total(block, "小  计")
        if lay.total == "last":
            self.total(rows, "合     计")
        if lay.notes:
            self.put(["注：1.本表一式三份。2.逾期不报视为零报告。"], merge=True)
            self.put(["负责人：张三", None, None, "填表人：李四"])

    def close_merge(self, start: int) -> None:
        end = len(self.grid)
        if self.layout.repeat == "merge" and end - start > 1:
            self.merges.append(f"B{start + 1}:B{end}")

    def put(self, line: list[Value], *, merge: bool = False) -> None:
        self.grid.append(line)
        if merge:
            self.merges.append(f"A{len(self.grid)}:{chr(64 + self.width)}{len(self.grid)}")

    def header(self) -> list[list[Value]]:
        lay = self.layout
        leaves: list[Value] = [self.decorate(self.random.choice(["序号", "编号", "No."]))]
        for field in self.fields:
            leaves.append(self.decorate(self.random.choice(words_of(field)), money=field in MONEY))
        if lay.unit_place == "column":
            leaves.append("金额单位")
        if not lay.grouped:
            return [leaves]
        top: list[Value] = list(leaves)
        below: list[Value] = [None] * len(leaves)
        at = self.fields.index("arrears_amount_yuan") + 1
        suffix = f"（{lay.unit}）" if lay.unit_place == "header" else ""
        top[at : at + 3] = ["拖欠金额" + suffix, None, None]
        below[at : at + 3] = [self.random.choice(["合计", "小计", "总额"]), "其中：无分歧", "有分歧"]
        row = len(self.grid) + 1
        for col in range(len(leaves)):
            if not at <= col < at + 3:
                self.merges.append(f"{chr(65 + col)}{row}:{chr(65 + col)}{row + 1}")
        self.merges.append(f"{chr(65 + at)}{row}:{chr(65 + at + 2)}{row}")
        return [top, below]

    def decorate(self, word: str, *, money: bool = False) -> str:
        if self.layout.decorated:
            word = self.random.choice(
                [word, "*" + word, " ".join(word), word[:2] + "\n" + word[2:], word + "（必填）", f"{word}："[:-1]]
            )
        if money and self.layout.unit_place == "header":
            word += self.random.choice(
                [f"（{self.layout.unit}）", f"({self.layout.unit})", f"\n（{self.layout.unit}）"]
            )
        return word

    def line(self, number: int, row: dict[str, object], *, repeated: bool) -> list[Value]:
        out: list[Value] = [number]
        for field in self.fields:
            value = row[field]
            if field == "debtor_name" and repeated and self.layout.repeat != "full":
                out.append(
                    {"blank": None, "ditto": self.random.choice(["同上", "〃"]), "merge": None}[self.layout.repeat]
                )
            elif isinstance(value, Decimal):
                out.append(self.amount(value))
            elif field in DATES:
                out.append(self.date(str(value)))
            else:
                out.append(None if value is None else str(value))
        if self.layout.unit_place == "column":
            out.append(self.layout.unit)
        return out

    def amount(self, yuan: Decimal) -> Value:
        value = yuan / unit_factors()[self.layout.unit]
        if self.layout.unit_place == "cell":
            return f"{value:f}{self.layout.unit}"
        if not self.layout.numbers_as_text:
            return value
        return self.random.choice(
            [
                f"{value:,f}",
                f"{value:f}",
                f"\u00a0{value:f} ",
                f"{value:f}".translate({48 + i: 0xFF10 + i for i in range(10)}),
            ]
        )

    def date(self, iso: str) -> str:
        y, m, d = iso.split("-")
        return (iso, f"{y}年{int(m)}月{int(d)}日", f"{y}.{int(m)}.{int(d)}", f"{y}/{m}/{d}")[self.layout.date_style]

    def total(self, rows: list[dict[str, object]], label: str) -> None:
        out: list[Value] = [label]
        for field in self.fields:
            values = [r[field] for r in rows]
            sums = sum((v for v in values if isinstance(v, Decimal)), Decimal(0))
            out.append(self.amount(sums) if field in MONEY else None)
        if self.layout.unit_place == "column":
            out.append(self.layout.unit)
        self.put(out)

    def document(self) -> Document:
        return document(table(self.grid, merges=self.merges))


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(canonical(), layouts)
def test_a_random_table_comes_back_from_a_random_layout(rows: list[dict[str, object]], layout: Layout) -> None:
    drawing = Drawing(rows, layout)
    tables = extract(drawing.document(), Context())
    assert tables is not None
    assert len(tables) == 1
    found = tables[0]
    assert [r.row for r in found.rows] == drawing.where
    for row, want in zip(found.rows, rows, strict=True):
        got = {f: row.values[f].value if f in row.values else None for f in drawing.fields}
        assert got == {f: want[f] for f in drawing.fields}
    marked = [(f.kind, f.message) for t in found.totals for f in t.flags]
    assert not marked
    assert len(found.totals) == (layout.total != "none") + (layout.subtotals and len({r["debtor_name"] for r in rows}))
