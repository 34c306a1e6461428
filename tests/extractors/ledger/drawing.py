"""Random canonical tables and the random layouts counties draw them in."""

from __future__ import annotations

import datetime as dt
import random
from decimal import Decimal

import msgspec
from hypothesis import strategies as st

from extractors.document import Document
from extractors.formats.grid import column_name
from extractors.ledger.words import lexicon, unit_factors
from tests.extractors.ledger.factory import Value, document, table

MONEY = ("contract_amount_yuan", "arrears_amount_yuan", "undisputed_amount_yuan", "disputed_amount_yuan",
         "repaid_amount_yuan", "remaining_amount_yuan")  # fmt: skip
TEXTS = ("debtor_name", "creditor_name", "project_name", "contract_no", "fund_source", "remarks", "responsible_unit")
CODES = ("debtor_uscc", "creditor_uscc")
CHOICES = ("disputed", "payment_kind", "creditor_size")
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
WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
WRITTEN = {  # a canonical value as counties write it
    "disputed": {
        "yes": ("有分歧", "存在争议", "有分歧（质量）"),
        "no": ("无分歧", "无争议", "双方无异议"),
        "partial": ("部分有分歧", "部分无分歧", "部分存在争议"),
    },
    "payment_kind": {"工程": ("工程款", "工程"), "货物": ("货款", "物资采购款"), "服务": ("服务费", "设计费")},
    "creditor_size": {"中": ("中型", "中型企业"), "小": ("小型", "小型企业"), "微": ("微型", "微型企业")},
}
# Leaf headers that need the side above them.
SIDED = {
    "debtor_name": ("名称", "单位名称", "全称"),
    "creditor_name": ("名称", "企业名称", "全称"),
    "debtor_uscc": ("统一社会信用代码", "信用代码", "社会信用代码"),
    "creditor_uscc": ("统一社会信用代码", "信用代码", "税号"),
}
SIDES = {
    "debtor_name": ("拖欠主体", "拖欠单位", "债务人", "债务方", "欠款单位"),
    "creditor_name": ("债权企业", "债权人", "被拖欠企业", "供应商", "债权方"),
}
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
    sides: bool  # parties under merged parents 拖欠主体, 债权企业 with names and codes below
    extra_column: bool  # a column nobody knows
    offset: tuple[int, int]  # blank rows above and blank columns left of it all
    plain: bool  # a Word or PDF table: no types, no sheet
    formula_row: bool
    total_label: str
    subtotal_label: str


def uscc(body: int, prefix: str) -> str:
    """A social credit code with a right check digit (GB 32100-2015)."""
    text = f"{prefix}350100{body:09d}"
    rest = sum(ALPHABET.index(c) * w for c, w in zip(text, WEIGHTS, strict=True)) % 31
    return text + ALPHABET[(31 - rest) % 31]


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
                "debtor_uscc": uscc(draw(st.integers(10**8, 10**9 - 1)), "11"),
                "creditor_uscc": uscc(draw(st.integers(10**8, 10**9 - 1)), "91"),
                "disputed": draw(st.sampled_from(sorted(WRITTEN["disputed"]))),
                "payment_kind": draw(st.sampled_from(sorted(WRITTEN["payment_kind"]))),
                "creditor_size": draw(st.sampled_from(sorted(WRITTEN["creditor_size"]))),
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
    date_style=st.integers(0, 5),
    decorated=st.booleans(),
    sides=st.booleans(),
    extra_column=st.booleans(),
    offset=st.tuples(st.integers(0, 2), st.integers(0, 2)),
    plain=st.booleans(),
    formula_row=st.booleans(),
    total_label=st.sampled_from(["合计", "合     计", "总计", "总  计", "共计", "合计："]),
    subtotal_label=st.sampled_from(["小计", "小  计", "小计："]),
)


def letters(col: int) -> str:
    """Column letters, from 0."""
    return column_name(col)


def words_of(field: str) -> list[str]:
    return [w for w in lexicon().fields[field].words if w not in AVOID]


class Drawing:
    """Draws canonical rows as a grid."""

    def __init__(self, rows: list[dict[str, object]], layout: Layout) -> None:
        self.layout = layout
        self.random = random.Random(layout.seed)
        optional = [f for f in (*TEXTS, *MONEY, *DATES, *CHOICES) if f not in ALWAYS and self.random.random() < 0.6]
        middle = [*ALWAYS[1:], *optional]
        self.random.shuffle(middle)
        self.fields = ["debtor_name", *middle]
        if layout.sides:
            middle.remove("creditor_name")
            self.fields = ["debtor_name", "debtor_uscc", "creditor_name", "creditor_uscc", *middle]
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
        self.width = len(self.fields) + 1 + (lay.unit_place == "column") + lay.extra_column
        for _ in range(lay.offset[0]):
            self.put([])
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
            self.put(self.numbers())
        if lay.total == "first":
            self.total(rows, lay.total_label)
        previous: str | None = None
        block: list[dict[str, object]] = []
        start = len(self.grid)
        for number, row in enumerate(rows, start=1):
            debtor = str(row["debtor_name"])
            if lay.subtotals and block and debtor != previous:
                self.total(block, lay.subtotal_label)
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
            self.total(block, lay.subtotal_label)
        if lay.total == "last":
            self.total(rows, lay.total_label)
        if lay.notes:
            self.put(["注：1.本表一式三份。2.逾期不报视为零报告。"], merge=True)
            self.put(["负责人：张三", None, None, "填表人：李四"])

    def close_merge(self, start: int) -> None:
        end = len(self.grid)
        if self.layout.repeat == "merge" and end - start > 1:
            col = letters(1 + self.layout.offset[1])
            self.merges.append(f"{col}{start + 1}:{col}{end}")

    def put(self, line: list[Value], *, merge: bool = False) -> None:
        left = self.layout.offset[1]
        self.grid.append([*([None] * left), *line] if line else [])
        if merge:
            self.merges.append(f"{letters(left)}{len(self.grid)}:{letters(left + self.width - 1)}{len(self.grid)}")

    def numbers(self) -> list[Value]:
        """1 2 3 …, with 6=7+8 where the arrears stand over their parts."""
        out: list[Value] = [i + 1 for i in range(self.width)]
        if self.layout.formula_row and self.layout.grouped:
            at = self.fields.index("arrears_amount_yuan") + 1
            out[at] = f"{at + 1}={at + 2}+{at + 3}"
        return out

    def header(self) -> list[list[Value]]:
        lay = self.layout
        leaves: list[Value] = [self.decorate(self.random.choice(["序号", "编号", "No.", "顺序号"]))]
        for field in self.fields:
            words = SIDED[field] if self.layout.sides and field in SIDED else words_of(field)
            leaves.append(self.decorate(self.random.choice(words), money=field in MONEY))
        if lay.unit_place == "column":
            leaves.append("金额单位")
        if lay.extra_column:
            leaves.append("内部备查码")
        parents: dict[int, tuple[int, str, list[str]]] = {}  # first column -> width, parent, leaves
        if lay.sides:
            for field in ("debtor_name", "creditor_name"):
                code = "debtor_uscc" if field == "debtor_name" else "creditor_uscc"
                words = [self.random.choice(SIDED[field]), self.random.choice(SIDED[code])]
                parents[self.fields.index(field) + 1] = (2, self.random.choice(SIDES[field]), words)
        if lay.grouped:
            suffix = f"（{lay.unit}）" if lay.unit_place == "header" else ""
            words = [self.random.choice(["合计", "小计", "总额"]), "其中：无分歧", "有分歧"]
            parent = self.random.choice(["拖欠金额", "欠款金额", "拖欠总额"])
            parents[self.fields.index("arrears_amount_yuan") + 1] = (3, parent + suffix, words)
        if not parents:
            return [leaves]
        top: list[Value] = list(leaves)
        below: list[Value] = [None] * len(leaves)
        row, left = len(self.grid) + 1, lay.offset[1]
        covered: set[int] = set()
        for at, (wide, parent, words) in parents.items():
            top[at : at + wide] = [parent, *([None] * (wide - 1))]
            below[at : at + wide] = words
            covered |= set(range(at, at + wide))
            self.merges.append(f"{letters(left + at)}{row}:{letters(left + at + wide - 1)}{row}")
        for col in set(range(len(leaves))) - covered:
            self.merges.append(f"{letters(left + col)}{row}:{letters(left + col)}{row + 1}")
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
            elif field in CHOICES:
                out.append(self.random.choice(WRITTEN[field][str(value)]))
            elif field in DATES:
                out.append(self.date(str(value)))
            else:
                out.append(None if value is None else str(value))
        if self.layout.unit_place == "column":
            out.append(self.layout.unit)
        if self.layout.extra_column:
            out.append(f"备{number}")
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

    def date(self, iso: str) -> Value:
        y, m, d = iso.split("-")
        style = self.layout.date_style
        if style == 5 and not self.layout.plain:
            return (dt.date.fromisoformat(iso) - dt.date(1899, 12, 30)).days  # a day number without a date format
        texts = (iso, f"{y}年{int(m)}月{int(d)}日", f"{y}.{int(m)}.{int(d)}", f"{y}/{m}/{d}", f"{y}{m}{d}")
        return texts[min(style, 4)]

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
        """The drawing as a sheet or, without types, as a Word or PDF table."""
        if self.layout.plain:
            grid: list[list[Value]] = [[None if v is None else str(v) for v in line] for line in self.grid]
            return document(table(grid, merges=self.merges, sheet=None), fmt="docx")
        return document(table(self.grid, merges=self.merges))
