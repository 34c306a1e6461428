"""All columns of one table to fields: each header's meanings, checked against what the column holds and its neighbours.

A header that fits no field, or whose column cannot hold it (dates under 拖欠金额), stays unmapped and is kept whole.
"""

from __future__ import annotations

import re
from decimal import Decimal

import msgspec

from extractors.document import Cell
from extractors.facts import Flag, LedgerColumn
from extractors.ledger import units
from extractors.ledger.amounts import parse_amount
from extractors.ledger.cells import Column, read_disputed
from extractors.ledger.column_parts import name_parts, overdue_is_owed
from extractors.ledger.dates import parse_date, parse_number
from extractors.ledger.frame import Frame
from extractors.ledger.grid import Grid, has_content
from extractors.ledger.headers import Meaning, candidates, core, group_of, is_header_word, meanings
from extractors.ledger.meta import Meta
from extractors.ledger.words import is_blank, kind_of, lexicon, plain, word_lists, word_set

SAMPLE = 120
"""Body cells looked at to learn what a column holds."""

NEAR_RANK = 50
"""How much worse a header may fit a field than another that has a second meaning, and still get it."""

_MONTH = re.compile(
    r"^(?:(20\d\d)年)?(\d{1,2}|[一二三四五六七八九十]{1,2})月(?:份)?(?:计划|清偿|还款|偿还|金额|计划清偿|清偿金额|计划还款|还款金额|计划清偿金额)*$"
)
_QUARTER = re.compile(r"^(?:(20\d\d)年)?第?([一二三四1-4])季度?(?:计划|清偿|还款|偿还|金额|计划清偿|清偿金额)*$")
_HALF = re.compile(r"^(?:(20\d\d)年)?([上下])半年(?:计划|清偿|还款|偿还|金额|计划清偿|清偿金额)*$")
_NUMERALS = {
    c: i + 1 for i, c in enumerate(("一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二"))
}
_CONTACT = {"contact_name", "contact_phone"}


class Profile(msgspec.Struct):
    """What a column's sampled cells look like, as counts."""

    filled: int = 0
    numbers: int = 0
    dates: int = 0
    amounts: int = 0
    ticks: int = 0
    disputes: int = 0
    codes: int = 0  # could be a social credit code or an older one
    long_codes: int = 0  # too long to be an amount
    units: int = 0

    def share(self, count: int) -> float:
        return count / self.filled if self.filled else 0.0


class Columns(msgspec.Struct):
    """The columns of a table as understood: readers in column order, the public list, findings on headers."""

    readers: list[Column]
    listed: tuple[LedgerColumn, ...]
    unmapped: dict[int, str]
    flags: list[Flag]
    unit_column: int | None = None
    periods: dict[int, str] = {}


def map_columns(grid: Grid, frame: Frame, meta: Meta, header_map: dict[str, str]) -> Columns:
    """Decides the field of every column. The source's `header_map` wins over everything but impossible content."""
    cols = [c for c, p in frame.paths.items() if p]
    body = frame.body[: SAMPLE * 2]
    profiles = {c: _profile(grid, body, c) for c in cols}
    wanted = {c: _fitting(frame.paths[c], profiles[c], header_map) for c in cols}
    _resolve_sides(frame, wanted, profiles)
    amounts = {c for c in cols if not profiles[c].filled or profiles[c].share(profiles[c].amounts) >= 0.5}
    name_parts(frame, cols, wanted, amounts)
    periods = _periods(frame, cols, meta, profiles)
    for c in periods:
        wanted[c] = []
    chosen = _settle(wanted)
    _rename_subject(chosen, frame)
    _rename_items(chosen, grid, body)
    _rename_ownership(chosen, grid, body)
    overdue_is_owed(chosen)
    out = Columns(readers=[], listed=(), unmapped={}, flags=[], periods={})
    listed: list[LedgerColumn] = []
    for c in cols:
        header = "/".join(frame.paths[c])
        meaning = chosen.get(c)
        period = periods.get(c)
        if period is not None:
            meaning = Meaning(field=period[0], rule="period", rank=0)
            out.periods[c] = period[1]
        if meaning is not None and meaning.field == "amount_unit" and profiles[c].units:
            out.unit_column = c
        if meaning is None and _is_left_alone(frame.paths[c], header_map):
            out.unmapped[c] = header
            listed.append(LedgerColumn(header=header, field=None, index=c))
            continue
        if meaning is None:
            out.unmapped[c] = header
            out.flags.append(_unmapped(header, grid, frame, c, bool(wanted[c] or meanings(frame.paths[c], {}))))
            listed.append(LedgerColumn(header=header, field=None, index=c))
            continue
        reader = _reader(c, meaning, frame.paths[c], meta, out.periods.get(c))
        reader.plain_months = reader.kind == "date" and _shows_october(grid, body, c)
        out.readers.append(reader)
        is_money = reader.kind == "money"
        listed.append(
            LedgerColumn(header=header, field=_public(reader.field), unit=reader.unit if is_money else None, index=c)
        )
    out.listed = tuple(listed)
    _inherit_units(out)
    return out


def _inherit_units(columns: Columns) -> None:
    """Parts that stand right of their whole (拖欠金额（万元） | 无分歧 | 有分歧) are in its unit; that is said."""
    whole: Column | None = None
    last = -1
    heirs: list[Column] = []
    for column in columns.readers:
        if column.field == "arrears_amount_yuan" and column.unit_rule in ("header", "parent"):
            whole, last = column, column.index
            continue
        is_part = column.field.startswith(("undisputed_amount", "disputed_amount", "arrears_amount_"))
        if whole is None or not is_part or column.kind != "money" or column.index != last + 1:
            continue
        last = column.index
        if column.unit is None:
            column.unit, column.unit_rule = whole.unit, "whole"
            heirs.append(column)
    if not heirs or whole is None or columns.unit_column is not None:
        return
    known = {c.index for c in heirs}
    columns.listed = tuple(
        msgspec.structs.replace(x, unit=whole.unit) if x.index in known else x for x in columns.listed
    )
    names = "”“".join(c.header for c in heirs)
    message = f"列“{names}”未注明单位，按其左侧“{whole.header}”的单位“{whole.unit}”换算，请核对。"
    columns.flags.append(Flag(kind="unit_inherited", field=heirs[0].field, message=message))


def _is_left_alone(path: tuple[str, ...], header_map: dict[str, str]) -> bool:
    """Whether the source says `-`: the column is known and wanted as it stands."""
    return bool(header_map) and any(plain(k) in (plain(path[-1]), plain("/".join(path))) for k in header_map)


def _public(field: str) -> str:
    return "disputed" if field.endswith("_tick") else field


def _reader(c: int, meaning: Meaning, path: tuple[str, ...], meta: Meta, period: str | None) -> Column:
    field = meaning.field
    kind = "money" if period is not None else kind_of(field)
    leaf = core(path[-1]) if path else ""
    unit, rule = _unit(path, meta) if kind == "money" else (None, "none")
    return Column(
        index=c,
        field=field,
        kind=kind,
        header="/".join(path),
        unit=unit,
        unit_rule=rule,
        inverted=field == "disputed" and leaf.startswith("是否") and ("无分歧" in leaf or "无争议" in leaf),
        year=meta.year,
        percent=any("%" in plain(p) for p in path),
    )


def _unit(path: tuple[str, ...], meta: Meta) -> tuple[str | None, str]:
    for depth, text in enumerate(reversed(path)):
        unit = units.in_header(text)
        if unit:
            return unit, "header" if depth == 0 else "parent"
    return meta.unit, meta.unit_rule


def _profile(grid: Grid, body: list[int], col: int) -> Profile:
    p = Profile()
    for row in body:
        cell = grid.own.get(row, {}).get(col)
        if cell is None or not has_content(cell) or is_blank(cell.text):
            continue
        _count(cell, p)
        if p.filled >= SAMPLE:
            break
    return p


def _count(cell: Cell, p: Profile) -> None:
    flat = plain(cell.text)
    if len(flat) > 12 and ":" in flat and not re.search(r"\d{2}:\d{2}", flat):
        return  # a signature or note line below the table says nothing about the column
    p.filled += 1
    number = cell.value if isinstance(cell.value, Decimal) and cell.value_type == "number" else None
    if cell.value_type == "date":
        p.dates += 1
        return
    if cell.value_type == "error" or (cell.formula is not None and cell.value is None):
        p.amounts += 1
        p.numbers += 1
        return
    if number is not None:
        p.numbers += 1
        p.amounts += abs(number) < Decimal("1e15")
        p.codes += abs(number) >= Decimal("1e8")
        p.long_codes += abs(number) >= Decimal("1e14")
        p.dates += parse_number(number).value is not None or 2000 < number < 2040
        return
    amount = parse_amount(flat)
    p.amounts += amount.number is not None or amount.problem in ("several_amounts", "amount_words_mismatch")
    p.numbers += flat.replace(".", "", 1).replace(",", "").isdigit()
    date = parse_date(flat)
    p.dates += date.value is not None or date.problem in ("ambiguous_date", "invalid_date", "year_missing")
    p.ticks += flat in ("√", "✓", "✔", "☑", "v", "是", "否", "有", "x", "×")
    p.disputes += read_disputed(flat).rule == "disputed_word"
    p.long_codes += bool(re.fullmatch(r"[0-9a-z]{15,20}", flat))
    p.codes += bool(re.fullmatch(r"[0-9a-z]{8,20}|\d(?:\.\d+)?e\+\d+|[0-9a-z]{8}-[0-9a-z]", flat))
    p.units += units.in_header(f"({flat})") is not None


def _accepts(field: str, p: Profile) -> bool:
    """Whether a column with this content can be that field; an empty column can be anything but a tick column."""
    kind = kind_of(field)
    if p.filled == 0:
        return kind != "tick"
    if kind == "tick":
        return p.share(p.ticks) >= 0.5
    if field == "amount_unit":
        return p.units > 0
    if kind == "money":
        return p.share(p.amounts) >= 0.3 and p.share(p.long_codes) < 0.5 and p.dates <= p.amounts
    if kind == "date":  # words that are no date (长期, 待定) are kept and doubted one by one
        return p.share(p.dates) >= 0.3 or p.share(p.amounts) + p.share(p.codes) < 0.3
    if kind in ("int", "ratio"):
        return p.share(p.numbers) >= 0.3 or p.share(p.amounts) >= 0.3 or p.filled < 3 or field == "clear_rate"
    if kind == "uscc":
        return p.share(p.codes) >= 0.3 or p.filled < 3
    if field == "disputed":
        return p.share(p.disputes + p.ticks) >= 0.3 or p.share(p.numbers) < 0.5
    if field == "payment_kind":
        return p.share(p.disputes) < 0.5
    if field in ("debtor_name", "creditor_name", "subject", "project_name", "responsible_unit", "reporting_unit"):
        return p.share(p.numbers) < 0.7 and p.share(p.dates) < 0.7
    return True


def _fitting(path: tuple[str, ...], p: Profile, header_map: dict[str, str]) -> list[Meaning]:
    found = meanings(path, header_map)
    if found and found[0].rule == "header_map":
        known = kind_of(found[0].field) if found[0].field in lexicon().fields else "text"
        return list(found) if known != "money" or p.filled == 0 or p.amounts else []
    if p.filled and p.share(p.units) >= 0.6 and plain(path[-1]) in ("单位", "计量单位", "金额单位"):
        return [Meaning(field="amount_unit", rule="content", rank=0)]
    return [m for m in found if _accepts(m.field, p)]


def _resolve_sides(frame: Frame, wanted: dict[int, list[Meaning]], profiles: dict[int, Profile]) -> None:
    """Gives leaves that both sides share (统一社会信用代码, 联系人) to the party column nearest to their left."""
    lex = lexicon()
    names: list[tuple[int, int]] = []
    for c, ms in wanted.items():
        if ms and ms[0].field in ("debtor_name", "creditor_name", "subject", "reporting_unit"):
            names.append((c, 1 if ms[0].field == "creditor_name" else 0))
    open_columns: dict[int, tuple[str, str]] = {}
    for c in wanted:
        pair = lex.sided.get(core(frame.paths[c][-1]))
        if pair is not None and not any(m.rule in ("header_map", "parent", "bracket_side") for m in wanted[c]):
            open_columns[c] = pair
    for c, pair in open_columns.items():
        side = _side_of(c, names, frame)
        alone = sum(1 for q in open_columns.values() if q == pair) == 1
        if pair[0] in _CONTACT and alone and not any(m.field == pair[0] for ms in wanted.values() for m in ms):
            side = 0
        field = pair[side]
        if _accepts(field, profiles[c]):
            wanted[c] = [Meaning(field=field, rule="neighbour", rank=15), *wanted[c]]


def _side_of(col: int, names: list[tuple[int, int]], frame: Frame) -> int:
    for parent in reversed(frame.paths[col][:-1]):
        group = group_of(core(parent))
        if group in ("debtor", "creditor"):
            return 1 if group == "creditor" else 0
    left = [side for c, side in names if c < col]
    if left:
        return left[-1]
    return names[0][1] if names else 0


def _settle(wanted: dict[int, list[Meaning]]) -> dict[int, Meaning]:
    """One column per field: the best-ranked header wins, losers take their next meaning or stay unmapped."""
    chosen: dict[int, Meaning] = {}
    holder: dict[str, int] = {}
    queue = list(wanted)
    tried = dict.fromkeys(wanted, 0)

    def can_yield(rival: int, claimant: int) -> bool:
        """Whether the holder of a field has another, free one to go to, and the claimant has none."""
        gap = wanted[claimant][tried[claimant] - 1].rank - chosen[rival].rank
        return gap < NEAR_RANK and any(m.field not in holder for m in wanted[rival][tried[rival] :])

    while queue:
        c = queue.pop(0)
        while tried[c] < len(wanted[c]):
            meaning = wanted[c][tried[c]]
            tried[c] += 1
            rival = holder.get(meaning.field)
            is_last = tried[c] == len(wanted[c])
            if rival is None or meaning.rank < chosen[rival].rank or (is_last and can_yield(rival, c)):
                holder[meaning.field] = c
                chosen[c] = meaning
                if rival is not None:
                    del chosen[rival]
                    queue.append(rival)
                break
    return chosen


def _rename_subject(chosen: dict[int, Meaning], frame: Frame) -> None:
    """单位 or 名称 without a side: the party that the table still lacks, beside the one it has."""
    fields = {m.field: c for c, m in chosen.items()}
    c = fields.get("subject")
    if c is None:
        return
    if {"creditor_name", "project_name", "contract_no"} & set(fields) and "debtor_name" not in fields:
        chosen[c] = Meaning(field="debtor_name", rule="neighbour", rank=0)
    elif {"creditor_name", "debtor_name"} <= set(fields) and "reporting_unit" not in fields:
        chosen[c] = Meaning(field="reporting_unit", rule="neighbour", rank=0)


def _rename_items(chosen: dict[int, Meaning], grid: Grid, body: list[int]) -> None:
    """项目 over 拖欠总额, 无分歧, 已清偿: a summary that lists its figures as rows, not projects."""
    fields = {m.field: c for c, m in chosen.items()}
    c = fields.get("project_name")
    if c is None or {"debtor_name", "creditor_name", "contract_no", "subject"} & set(fields):
        return
    texts = [cell.text for r in body if (cell := grid.own.get(r, {}).get(c)) is not None and cell.text.strip()]
    if len(texts) >= 2 and 2 * sum(map(is_header_word, texts)) >= len(texts):
        chosen[c] = Meaning(field="subject", rule="items", rank=0)


def _rename_ownership(chosen: dict[int, Meaning], grid: Grid, body: list[int]) -> None:
    """类型 of a creditor that says 民营, 国有: who owns the company, not how large it is."""
    fields = {m.field: c for c, m in chosen.items()}
    c = fields.get("creditor_size")
    if c is None or "creditor_ownership" in fields:
        return
    texts = [plain(cell.text) for r in body if (cell := grid.own.get(r, {}).get(c)) is not None and cell.text.strip()]
    if texts and 10 * sum(t.startswith(word_lists("ownership")["words"]) for t in texts) >= 6 * len(texts):
        chosen[c] = Meaning(field="creditor_ownership", rule="content", rank=0)


def _periods(frame: Frame, cols: list[int], meta: Meta, profiles: dict[int, Profile]) -> dict[int, tuple[str, str]]:
    """Month- or quarter-wide columns: several of one kind, or one whose header means nothing else."""
    found = {
        c: period
        for c in cols
        if (period := _period(frame.paths[c], meta)) is not None
        and (profiles[c].filled == 0 or profiles[c].share(profiles[c].amounts) >= 0.5)
    }
    kinds = [p[0] for p in found.values()]
    return {c: p for c, p in found.items() if kinds.count(p[0]) > 1 or not meanings(frame.paths[c], {})}


def _period(path: tuple[str, ...], meta: Meta) -> tuple[str, str] | None:
    """Field and period of a month- or quarter-wide column: (plan_instalments, 2022-06)."""
    leaf = plain(re.sub(r"[(（].*?[)）]", "", path[-1]))
    m, q, half = _MONTH.match(leaf), _QUARTER.match(leaf), _HALF.match(leaf)
    hit = m or q or half
    if hit is None:
        return None
    text = "".join(map(plain, path))
    year = hit[1] or next(iter(re.findall(r"(20\d\d)年", text)), None) or (str(meta.year) if meta.year else "-")
    number = int(hit[2]) if hit[2].isdigit() else "上下".find(hit[2]) + 1 if half else _NUMERALS.get(hit[2], 0)
    if not 1 <= number <= (12 if m else 4):
        return None
    field = "plan_instalments" if "计划" in text or "分期" in text or "拟" in text else "repaid_instalments"
    return field, f"{year}-{number:02d}" if m else f"{year}-{'H' if half else 'Q'}{number}"


def _shows_october(grid: Grid, body: list[int], col: int) -> bool:
    """Whether a text column itself holds 2022.10: then its zeros were kept, and 2022.1 is January."""
    cells = [grid.own.get(r, {}).get(col) for r in body]
    return any(
        c is not None and re.fullmatch(r"(?:19|20)\d\d\.10", c.text.strip()) and c.value_type != "number" for c in cells
    )


def _unmapped(header: str, grid: Grid, frame: Frame, col: int, understood: bool) -> Flag:
    place = next((c.ref for r in range(frame.bottom, frame.top - 1, -1) if (c := grid.at(r, col)) is not None), None)
    shown = header if len(header) <= 60 else header[:60] + "…"
    if understood:
        message = f"列“{shown}”的内容与表头不符或与其他列重复，未归入标准字段，原样保留；请核对后在来源配置中指定。"
    else:
        like = candidates(header.rsplit("/", 1)[-1])
        hint = f"，可能是“{'”“'.join(like)}”" if like else ""
        message = f"列“{shown}”未能识别，原样保留{hint}；请在来源配置的表头对照中指定。"
    return Flag(kind="unmapped_column", cell=place, message=message)


def fills_blank(field: str) -> bool:
    """Fields whose blank below a named debtor stands for a repeat of it."""
    return field in ("debtor_name", "debtor_uscc", "debtor_type", "region_name", "reporting_unit", "debtor_industry")


def is_tick(cell: Cell) -> bool:
    """A ticked box or a plain yes."""
    return plain(cell.text) in word_set("yes")
