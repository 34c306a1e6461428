"""From a document's tables to ledger tables: choosing, splitting, joining pages, assembling."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import msgspec

from extractors.document import Cell, Document, Table
from extractors.facts import Context, Flag, LedgerColumn, LedgerRow, LedgerTable
from extractors.ledger import checks, kinds
from extractors.ledger.checking import Checked
from extractors.ledger.columns import Columns, map_columns
from extractors.ledger.forms import as_table
from extractors.ledger.frame import Frame, find_frames
from extractors.ledger.grid import Grid
from extractors.ledger.headers import is_header_word
from extractors.ledger.lookups import Lookups, meant_in, reporting_unit
from extractors.ledger.meta import Meta, disclosed_by_title, is_label, read_meta
from extractors.ledger.rows import Reader
from extractors.ledger.units import in_caption, in_sentence, one_of
from extractors.ledger.unlabelled import split_total
from extractors.ledger.words import kind_of, plain, tidy, word_set
from extractors.rowstore import RowStore

SHEETS = frozenset({"xlsx", "xls", "et", "csv"})
_CONTEXT_CHARACTERS = 4_000


def find_tables(document: Document, context: Context) -> tuple[LedgerTable, ...]:
    """Every ledger table of a document, in order; tables that are none are passed over."""
    out: list[LedgerTable] = []
    around = plain(document.text[:_CONTEXT_CHARACTERS])
    fallback: str | None = None
    asked = False
    taught = frozenset(plain(part) for header in context.header_map for part in header.split("/"))
    for table in joined_pages(document.tables):
        for grid, frame in frames_of(table, taught):
            meta = _meta(grid, frame)
            if meta.unit is None:
                if not asked:
                    fallback, asked = document_unit(document), True
                if fallback is not None:
                    meta.unit, meta.unit_rule = fallback, "document"
            columns = map_columns(grid, frame, meta, context.header_map)
            if kinds.is_ledger_like(columns, meta, around):
                for column in columns.readers if context.lookups else ():
                    column.lookup = meant_in(context.lookups, column.field)
                found = _ledger_table(len(out) + 1, grid, frame, meta, columns)
                out.append(_with_own_names(found, context.lookups) if context.lookups else found)
    return tuple(out)


def _with_own_names(table: LedgerTable, lookups: Lookups) -> LedgerTable:
    unit, flags = reporting_unit(lookups, table.reporting_unit)
    return msgspec.structs.replace(table, reporting_unit=unit, flags=(*table.flags, *flags)) if flags else table


def looks_like_ledger(document: Document) -> bool:
    """A cheap answer from headers alone; for flowing and paginated files the tables must hold most of the text."""
    inside = 0
    found = False
    around = plain(document.text[:_CONTEXT_CHARACTERS])
    for table in joined_pages(document.tables):
        for grid, frame in frames_of(table):
            columns = map_columns(grid, frame, _meta(grid, frame), {})
            if kinds.is_ledger_like(columns, Meta(title=_meta(grid, frame).title), around):
                found = True
                break
        if found and document.format in SHEETS:
            return True
        inside += sum(len(c.text) for c in table.cells) if found else 0
    return found and inside * 10 >= 5 * len(document.text.strip())


def frames_of(table: Table, taught: frozenset[str] = frozenset()) -> list[tuple[Grid, Frame]]:
    """The tables on a grid, stacked or side by side, each with the grid it is to be read on.

    `taught` are headers of the source's own map, in normal form.
    """
    form = as_table(table)
    grid = Grid(table if form is None else form)
    frames = find_frames(grid, taught)
    if frames and form is None:
        parts = _side_by_side(grid, frames[0])
        if parts:
            out: list[tuple[Grid, Frame]] = []
            shared = [[c.text for c in grid.texts(r)] for r in frames[0].above]
            for left, right in parts:
                part = Grid(table, left, right)
                for k, frame in enumerate(find_frames(part, taught)):
                    frame.shared = shared if k == 0 and not frame.above else []
                    out.append((part, frame))
            return out
    return [(grid, f) for f in frames]


def _side_by_side(grid: Grid, frame: Frame) -> list[tuple[int, int]]:
    """Column ranges of tables standing beside each other: a blank column between two headers that share words."""
    groups: list[list[int]] = []
    for col in range(frame.left, frame.right):
        if not frame.paths.get(col):
            groups.append([])
        elif groups:
            groups[-1].append(col)
        else:
            groups.append([col])
    groups = [g for g in groups if g]
    if len(groups) == 1:
        groups = _repeated(frame, groups[0])
    if len(groups) < 2:
        return []
    leaves = [{plain(frame.paths[c][-1]) for c in g} for g in groups]
    if any(sum(is_header_word(frame.paths[c][-1]) for c in g) < 2 for g in groups) or not set.intersection(*leaves):
        return []
    bounds = [g[0] for g in groups] + [grid.right]
    bounds[0] = grid.left
    return list(pairwise(bounds))


def _repeated(frame: Frame, cols: list[int]) -> list[list[int]]:
    """A header that starts over without a gap: 序号 单位 金额 序号 单位 金额."""
    leaves = [tuple(map(plain, frame.paths[c])) for c in cols]
    for period in range(2, len(leaves) // 2 + 1):
        if len(leaves) % period == 0 and all(leaves[i] == leaves[i % period] for i in range(len(leaves))):
            return [cols[i : i + period] for i in range(0, len(cols), period)]
    return [cols]


def joined_pages(tables: tuple[Table, ...]) -> list[Table]:
    """Tables of paginated files with their continuations on later pages put under them.

    A continuation has as many columns, stands on a later page, and has no caption; its rows go on counting.
    """
    out: list[Table] = []
    for table in tables:
        last = out[-1] if out else None
        if last is not None and _continues(last, table):
            shift = last.rows
            moved = tuple(msgspec.structs.replace(c, row=c.row + shift) for c in table.cells)
            out[-1] = msgspec.structs.replace(
                last, rows=last.rows + table.rows, cells=last.cells + moved, page=last.page,
                after=table.after, hidden_rows=last.hidden_rows + tuple(r + shift for r in table.hidden_rows),
            )  # fmt: skip
        else:
            out.append(table)
    return out


def _continues(last: Table, table: Table) -> bool:
    if last.sheet is not None or table.page is None or last.page is None or table.page <= last.page:
        return False
    return table.cols == last.cols and not table.caption.strip() and not last.after.strip()


def document_unit(document: Document) -> str | None:
    """The money unit the document states outside its ledgers, in captions and notes, when all agree."""
    found: list[str | None] = []
    for block in document.blocks[:400]:
        if block.table is None and block.end - block.start < 400:
            text = document.text[block.start : block.end]
            found.append(in_sentence(text) or (in_caption(text) if "单位" in text and len(text) < 40 else None))
    for table in document.tables:
        if table.rows * table.cols <= 200:
            found += [in_sentence(c.text) for c in table.cells if len(c.text) > 6]
    return one_of(found)


def _meta(grid: Grid, frame: Frame) -> Meta:
    above = frame.shared or [[c.text for c in grid.texts(r)] for r in frame.above]
    meta = read_meta(above, _tail(grid, frame), grid.table.caption, grid.table.after)
    if meta.unit is None:
        # 序号（单位：万元）: a caption that found its place in a header cell speaks for the whole table
        stated = (in_caption(t) for p in frame.paths.values() for t in p if "单位：" in t or "单位:" in t)
        meta.unit = one_of(stated)
        meta.unit_rule = "caption" if meta.unit else "none"
    return meta


def _tail(grid: Grid, frame: Frame) -> list[list[str]]:
    """The last rows of a body that may carry notes and signatures, looked at before the body is read."""
    out: list[list[str]] = []
    for row in reversed(frame.body[-30:]):
        texts: list[Cell] = grid.texts(row)
        if len(texts) > 16:
            break
        if any(":" in plain(c.text) or len(c.text) > 12 or is_label(plain(c.text)) for c in texts):
            out.append([c.text for c in texts])
    out.reverse()
    return out


def _ledger_table(index: int, grid: Grid, frame: Frame, meta: Meta, columns: Columns) -> LedgerTable:
    table = grid.table
    about = kinds.about_of(columns, meta, table.sheet)
    if about == "disclosure":
        _as_disclosure(columns)
        disclosed_by_title(meta)
    summary = kinds.is_summary(columns, meta, table.sheet)
    if meta.debtor is not None and all(c.field != "debtor_name" for c in columns.readers):
        meta.reporting_unit = meta.debtor  # whose debts they are: what else a table without debtors takes for that
    body = Reader(grid, frame, columns, detail=not summary).read()
    rows, totals = split_total(body.rows, body.totals)
    flags = list(columns.flags)
    report_type: kinds.ReportType = "summary" if summary else "detail"
    if not summary and (flag := _owner_by_sheet(table, meta, columns)) is not None:
        flags.append(flag)
    if kinds.is_zero(rows, body.zero_words, summary=summary):
        report_type = "zero"
        flags.append(_zero_flag(body.zero_words, rows))
        for column in columns.readers:
            column.zero_report = True
        if not summary:
            owner = next(
                (v.value for r in rows if (v := r.values.get("debtor_name")) and isinstance(v.value, str)), None
            )
            meta.reporting_unit = meta.reporting_unit or owner or body.zero_owner
            rows = []
        else:
            rows = Reader(grid, frame, columns, detail=False).read().rows or rows
    if summary or report_type == "zero":
        rows = kinds.with_subject(rows, kinds.subject_field(columns))
    if report_type != "zero":
        flags += [
            Flag(kind="nil_row", message=f"第{n}行填报为无拖欠，未计为债务，请与投诉和转办线索核对。")
            for n in body.nil_rows
        ]
    flags += _table_flags(grid, meta, columns, rows)
    typed = Checked(
        rows=rows if isinstance(rows, RowStore) else list(rows), totals=list(totals), flags=flags, formulas=[]
    )
    checks.run(typed, columns, grid, body.number_rows)
    return LedgerTable(
        index=index,
        sheet=table.sheet,
        title=meta.title,
        unit=_table_unit(columns, meta),
        reporting_unit=meta.reporting_unit or _only(rows, "reporting_unit"),
        as_of=meta.as_of,
        report_date=meta.report_date,
        signatures=tuple(dict.fromkeys(meta.signatures)),
        report_type=report_type,
        about=about,
        columns=columns.listed,
        rows=typed.rows if isinstance(typed.rows, RowStore) else tuple(typed.rows),
        totals=tuple(typed.totals),
        flags=tuple(typed.flags),
        formulas_checked=tuple(typed.formulas),
    )


def _owner_by_sheet(table: Table, meta: Meta, columns: Columns) -> Flag | None:
    """Takes the unit a sheet is named after for the one whose debts it holds, where nothing else says whose."""
    known = meta.reporting_unit or any(c.field in ("debtor_name", "reporting_unit") for c in columns.readers)
    name = tidy(table.sheet or "")
    if known or not 3 <= len(name) <= 30 or not name.endswith(tuple(word_set("sheet_units"))):
        return None
    meta.reporting_unit = name
    return Flag(kind="unit_from_sheet_name", message=f"表内未写单位，按工作表名“{name}”记为填报单位，请核对。")


def _table_unit(columns: Columns, meta: Meta) -> str | None:
    """The unit of the table: its caption's, else the one all its money columns share."""
    if meta.unit is not None and meta.unit_rule == "caption":
        return meta.unit
    return one_of(c.unit for c in columns.readers if c.kind == "money") or meta.unit


def _only(rows: Sequence[LedgerRow], field: str) -> str | None:
    if isinstance(rows, RowStore):
        texts = rows.texts_of(field)
        return texts.pop() if len(texts) == 1 else None
    values = {v.value for r in rows if (v := r.values.get(field)) is not None and isinstance(v.value, str)}
    found = values.pop() if len(values) == 1 else None
    return found if isinstance(found, str) else None


def _as_disclosure(columns: Columns) -> None:
    """A disclosure's amount and unit under their own names (decree 802, article 18), whatever the header says."""
    fields = {c.field for c in columns.readers}
    for column in columns.readers:
        new = None
        if (
            column.field in ("debtor_name", "subject", "creditor_name", "reporting_unit")
            and "disclosing_unit" not in fields
        ):
            new = "disclosing_unit"
        elif (
            column.field in ("arrears_amount_yuan", "contract_amount_yuan", "overdue_amount_yuan")
            and "amount_yuan" not in fields
        ):
            new = "amount_yuan"
        elif column.field == "arrears_count" and "contract_count" not in fields:
            new = "contract_count"
        if new is not None:
            fields.add(new)
            column.field, column.kind = new, kind_of(new)
            columns.listed = tuple(
                LedgerColumn(header=x.header, field=new, unit=x.unit, index=x.index) if x.index == column.index else x
                for x in columns.listed
            )


def _has_problem(rows: Sequence[LedgerRow], kind: str, field: str) -> bool:
    if isinstance(rows, RowStore):
        return (kind, field) in rows.problems(field)
    return any(f.kind == kind and f.field == field for r in rows for f in r.flags)


def _zero_flag(words: list[str], rows: Sequence[LedgerRow]) -> Flag:
    cell = next((v.cell for r in rows for v in r.values.values()), None)
    said = f"表内填写“{words[0]}”" if words else "表内金额均为零" if rows else "表内没有填报内容"
    return Flag(kind="zero_report", cell=cell, message=f"{said}，按零报告登记，请与投诉和转办线索核对。")


def _table_flags(grid: Grid, meta: Meta, columns: Columns, rows: Sequence[LedgerRow]) -> list[Flag]:
    table = grid.table
    out: list[Flag] = []
    if table.hidden:
        out.append(
            Flag(kind="hidden_sheet", message=f"工作表“{table.sheet}”被隐藏，已照常读取，请确认是否为上期数据。")
        )
    hidden = [x for x in columns.listed if x.index in table.hidden_cols]
    for column in hidden:
        out.append(
            Flag(kind="hidden_column", field=column.field, message=f"列“{column.header}”被隐藏，已照常读取，请确认。")
        )
    if meta.as_of_from_title:
        out.append(Flag(kind="as_of_from_title", message="表内未写统计截止日期，按标题中的月份取月末，请核对。"))
    if grid.merges_cut:
        out.append(Flag(kind="merges_cut", message="合并单元格范围过大，部分合并未展开，请检查原表。"))
    unknown = [c for c in columns.readers if c.kind == "money" and c.unit is None and columns.unit_column is None]
    missing = [c for c in unknown if _has_problem(rows, "unit_unknown", c.field)]
    if missing:
        names = "”“".join(c.header for c in missing)
        out.append(
            Flag(
                kind="unit_unknown",
                field=missing[0].field,
                message=f"列“{names}”未注明金额单位，金额未换算，请补充单位。",
            )
        )
    return out
