"""What the sources' YAML say to the audit: rosters, silenced rules, bounds of what is normal."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from pipelines.source_schema import Source, SourceError
from validators.findings import Finding, rule_label
from validators.roster import Reporter, periods
from validators.rules import RULES, raise_finding
from warehouse.silencing import Silenced


class Bounds(msgspec.Struct, frozen=True, kw_only=True):
    """A ledger of a source has so many rows; a rule fails on no more than a share of a file's rows."""

    source: str
    min_rows: int | None = None
    max_rows: int | None = None
    max_shares: Mapping[str, float] = {}


class SourceAudit(msgspec.Struct, frozen=True, kw_only=True):
    """All of it, over all sources."""

    roster: tuple[Reporter, ...] = ()
    silenced: tuple[Silenced, ...] = ()
    bounds: tuple[Bounds, ...] = ()

    def digest(self, night: dt.date) -> str:
        """What a warehouse depends on in it: reports due by a night, rules silenced on it, bounds."""
        due = [(r, end.isoformat(), night > day) for r in self.roster for end, day in periods(r, night)]
        told = (due, [s for s in self.silenced if s.counts_on(night)], self.bounds)
        return hashlib.sha256(msgspec.json.encode(told)).hexdigest()


def source_audit(sources: Iterable[Source]) -> SourceAudit:
    """What the sources say to the audit. Raises SourceError for a rule unknown or one that may not be silenced."""
    roster: list[Reporter] = []
    silenced: list[Silenced] = []
    bounds: list[Bounds] = []
    for source in sources:
        for reporter in source.roster:
            roster.append(msgspec.convert({**msgspec.structs.asdict(reporter), "source": source.name}, Reporter))
        for quiet in source.silence:
            _check(source.name, "silence", quiet.rule)
            if RULES[quiet.rule].severity in ("block", "quarantine"):
                raise SourceError(f"来源“{source.name}”的 silence 不能包含 {quiet.rule}：它拦截或检疫数据；请逐条处理")
            silenced.append(msgspec.convert({**msgspec.structs.asdict(quiet), "source": source.name}, Silenced))
        limits = source.thresholds
        for rule in limits.max_shares:
            _check(source.name, "thresholds", rule)
        if limits.min_rows is not None or limits.max_rows is not None or limits.max_shares:
            bounds.append(
                Bounds(
                    source=source.name, min_rows=limits.min_rows, max_rows=limits.max_rows,
                    max_shares=dict(limits.max_shares),
                )
            )  # fmt: skip
    return SourceAudit(roster=tuple(roster), silenced=tuple(silenced), bounds=tuple(bounds))


def _check(source: str, key: str, rule: str) -> None:
    if rule not in RULES:
        raise SourceError(f"来源“{source}”的 {key} 里没有规则 {rule}；规则名见 qingqian findings --format json")


def bound_findings(
    bounds: Sequence[Bounds], tables: Iterable[Mapping[str, Any]], found: Iterable[tuple[str | None, str]]
) -> list[Finding]:
    """Ledgers outside their source's bounds: too few rows fails, too many and too many failures warn.

    `tables` are rows {source, document_id, table_index, name, report_type, row_count}; `found` the document and rule
    of every finding on a row.
    """
    by_source = {b.source: b for b in bounds}
    if not by_source:
        return []
    failing = Counter(found)
    rows_of: Counter[str] = Counter()
    kept: dict[str, Mapping[str, Any]] = {}
    out: list[Finding] = []

    def say(name: str, table: Mapping[str, Any], value: object, **values: object) -> None:
        out.append(
            raise_finding(
                name,
                where_zh=f"文件《{table['name']}》",
                where_en=f"file “{table['name']}”",
                document_id=table["document_id"],
                table_name="ledger_tables",
                row_id=f"{table['document_id']}:{table['table_index']}",
                field="row_count",
                value=value,
                values=values,
            )
        )

    for table in tables:
        bound = by_source.get(table["source"])
        if bound is None:
            continue
        kept.setdefault(table["document_id"], table)
        rows_of[table["document_id"]] += table["row_count"]
        if table["report_type"] != "detail":
            continue
        if bound.min_rows is not None and table["row_count"] < bound.min_rows:
            say("rows_below_minimum", table, table["row_count"], limit=bound.min_rows)
        if bound.max_rows is not None and table["row_count"] > bound.max_rows:
            say("rows_above_maximum", table, table["row_count"], limit=bound.max_rows)
    for document, table in kept.items():
        for rule, share in sorted(by_source[table["source"]].max_shares.items()):
            count = failing[document, rule]
            if rows_of[document] and count > share * rows_of[document]:
                say(
                    "failures_above_threshold",
                    table,
                    count,
                    rule=rule_label(rule),
                    rule_en=rule_label(rule, english=True),
                    rows=rows_of[document],
                    share=f"{share:.1%}",
                )
    return out
