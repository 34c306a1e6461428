"""Loading: parts and findings into a candidate warehouse, reconciled; then swapped in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa

from pipelines.auditing import UNIT_COLUMNS, load_audit
from pipelines.clocks import clock_tables
from pipelines.finding_rows import PartFindings, finding_table
from pipelines.for_readers import limited_ready, tidied
from pipelines.serving import serve_published
from pipelines.source_audit import SourceAudit, bound_findings
from validators.audit import audit_rows
from validators.audit import reconcile as reconcile_ledgers
from validators.clock_findings import clock_findings
from validators.findings import SEVERITY_ORDER, Finding, distinct
from validators.places import Places, label_of
from validators.roster import reports_due, silence_findings
from validators.rules import raise_finding
from validators.version import VALIDATOR_VERSION
from warehouse import publications
from warehouse import publish as publishing
from warehouse.arrow import arrow_table
from warehouse.build import Candidate, Inputs, add_rows, build_candidate, inputs_digest
from warehouse.clock_inputs import clock_inputs
from warehouse.conservation import file_accounts, keys_in_two_documents, row_accounts, tables_with_gaps
from warehouse.debt_decisions import apply_debt_decisions
from warehouse.decisions import Decision, decisions, head, in_force
from warehouse.growing import held_in
from warehouse.history import count_by_severity, first_seen_dates, ledger_history
from warehouse.lookups import lookups_of
from warehouse.parts import Manifest
from warehouse.rebinding import rebound
from warehouse.review import apply_corrections, corrected_tables, settle_findings, subject_queries
from warehouse.roster_inputs import bound_inputs, roster_inputs
from warehouse.search.index import index_path
from warehouse.search.index import refresh as refresh_index
from warehouse.silencing import silence
from warehouse.state import Run, State
from warehouse.state_children import SEPARATOR
from warehouse.state_stopped import stopped_files

# What the summary counts: the views that the outside may rely on.
VIEWS = (
    "documents", "debt_statements", "debts", "obligations", "obligation_units", "assignments", "units", "regions",
    "findings", "runs",
)  # fmt: skip

_NOTHING_TOLD = SourceAudit()
# Decisions that change what debts are counted or what their rows say.
_CHANGING = ("correct", "duplicate", "split")


def build(
    home: Path,
    state: State,
    parts: Sequence[Manifest],
    *,
    night: dt.date,
    run_id: str,
    now: dt.datetime,
    told: SourceAudit = _NOTHING_TOLD,
    mended: Callable[[Manifest], Manifest] = lambda part: part,
) -> dict[str, Any]:
    """Build and reconcile a candidate; `candidate` is None when the published warehouse is made of the same inputs.

    Parts whose rows the published warehouse does not hold are read from their files, each after `mended`, which gives
    a part that is whole: the same, or staged once more where the disk has damaged it. What was found in parts streams
    from their audits into the candidate, so that no night holds the findings of all its files.
    """
    published = publishing.reconcile(home, state, now=now)
    superseded = state.superseded()
    decided = in_force(state, night)
    inputs = Inputs(
        parts=parts,
        superseded=superseded,
        files=_files(state),
        regions=_regions(),
        extra={
            "validators": VALIDATOR_VERSION,
            "decisions": _digest_of(decided),
            "decided": head(state),
            "sources": told.digest(night),
        },
        lookups=lookups_of(decided),
    )
    digest = inputs_digest(inputs)
    if published.is_built_from(digest):
        return {"candidate": None, "reason": "输入没有变化，沿用已发布的仓库", "inputs_digest": digest}
    base = publishing.warehouse_path(home) if published.is_sound else None
    held = held_in(base, inputs)
    inputs = msgspec.structs.replace(inputs, parts=[p if p.file_id in held else mended(p) for p in parts])
    first_seen = first_seen_dates(publishing.warehouse_path(home))
    in_rows = PartFindings(home, [p for p in parts if p.file_id not in superseded], first_seen, night)
    inputs = msgspec.structs.replace(
        inputs, units=_units(home, parts), findings=in_rows.reader(), runs=_runs(state, run_id, now)
    )
    candidate = build_candidate(home, inputs, base=base)
    decided = rebound(candidate.path, decided, subject_queries())
    again = [*_corrected(candidate.path, decided), *_outgrown(candidate.path, decided)]
    if again or any(d.action in _CHANGING for d in decided):
        candidate = add_rows(candidate, {"findings": finding_table(again, first_seen, night)}, rows_changed=True)
    found, clocks = _over_all(candidate.path)
    due = reports_due(told.roster, *_received(candidate.path, night))
    whole = distinct(
        [
            *found,
            *silence_findings(due),
            *_out_of_bounds(candidate.path, told),
            *_lost(candidate.path),
            *_known_twice(candidate.path),
        ]
    )
    candidate = add_rows(
        candidate,
        {
            "findings": finding_table(whole, first_seen, night),
            "decisions": _decisions(state, decided),
            "reports_due": arrow_table("reports_due", due),
            **clocks,
        },
    )
    settled = settle_findings(candidate.path, decided)
    silenced = silence(candidate.path, told.silenced, night)
    candidate = add_rows(
        candidate, {"findings": finding_table([], first_seen, night)}
    )  # what is quarantined may differ
    return {
        "candidate": {**msgspec.structs.asdict(candidate), "path": str(candidate.path)},
        "reason": published.reason or "有新的输入",
        "inputs_digest": digest,
        "parts": len(parts),
        "row_findings": in_rows.count,
        "reconciliation_findings": len(whole),
        "settled_findings": settled,
        "silenced_findings": silenced,
    }


def _digest_of(decided: Sequence[Decision]) -> str:
    """What the content depends on in the decisions: which are in force tonight."""
    return ",".join(d.hash for d in decided)


def _over_all(path: Path) -> tuple[list[Finding], dict[str, pa.Table]]:
    """Findings between documents, months and clocks over a candidate, and the rows of its clocks."""
    history, clocks = ledger_history(path), clock_tables(clock_inputs(path))
    late = clock_findings(history, clocks["row_clocks"], clocks["debt_clocks"], Places(history))
    return [*reconcile_ledgers(history), *late], clocks


def _lost(path: Path) -> list[Finding]:
    """Ledger tables of which rows got lost on the way: the file is stopped, the night goes on."""
    return [
        raise_finding(
            "rows_unaccounted",
            where_zh=f"文件《{t['path']}》",
            where_en=f"file “{t['path']}”",
            document_id=t["document_id"],
            table_name="ledger_tables",
            row_id=f"{t['document_id']}:{t['table_index']}",
            field="row_count",
            value=t["read"],
            values={"kept": t["kept"]},
        )
        for t in tables_with_gaps(path)
    ]


def _known_twice(path: Path) -> list[Finding]:
    """Rows of two files under one key, which the audit of some files at a time cannot see: neither counts."""
    return [
        raise_finding(
            "key_duplicate",
            where_zh=f"文件《{k['name']}》",
            where_en=f"file “{k['name']}”",
            document_id=k["document_id"],
            table_name=k["table_name"],
            row_id=k["key"],
            field=k["field"],
            value=k["key"],
            values={"label": label_of(k["table_name"], k["field"])},
        )
        for k in keys_in_two_documents(path)
    ]


def _out_of_bounds(path: Path, told: SourceAudit) -> list[Finding]:
    return bound_findings(told.bounds, *bound_inputs(path)) if told.bounds else []


def _received(path: Path, night: dt.date) -> tuple[list[dict[str, Any]], dt.date, dict[str, str]]:
    received, consequences = roster_inputs(path)
    return received, night, consequences


def _corrected(path: Path, decided: Sequence[Decision]) -> list[Finding]:
    """Put corrections in; the findings on rows that have one, by the same checks as any row's."""
    done, outdated = apply_corrections(path, decided)
    findings: list[Finding] = []
    if done:
        findings += audit_rows(corrected_tables(path, done)).findings
    for o in outdated:
        findings.append(
            raise_finding(
                "correction_outdated",
                where_zh=f"文件{o.document_id[:12]}",
                where_en=f"file {o.document_id[:12]}",
                document_id=o.document_id,
                table_name=o.table_name,
                row_id=o.row_id,
                field=o.field,
                value=o.machine_value,
                values={
                    "label": label_of(o.table_name, o.field),
                    "steward": o.decision.steward,
                    "corrected": o.decision.value,
                },
            )
        )
    return findings


def _outgrown(path: Path, decided: Sequence[Decision]) -> list[Finding]:
    """Put in what was decided about whole debts; findings on splits that do not add up any more."""
    return [
        raise_finding(
            "split_outdated",
            where_zh=f"文件{o.document_id[:12]}",
            where_en=f"file {o.document_id[:12]}",
            document_id=o.document_id,
            table_name="ledger_rows",
            row_id=o.row_id,
            field="arrears_amount_yuan",
            value=o.arrears,
            values={"steward": o.decision.steward, "arrears": o.arrears, "remaining": o.remaining},
        )
        for o in apply_debt_decisions(path, decided)
    ]


def publish(
    home: Path,
    state: State,
    built: dict[str, Any],
    pulled: Sequence[dict[str, Any]],
    *,
    night: dt.date,
    run_id: str,
    now: dt.datetime,
) -> dict[str, Any]:
    """Swap in what was built, if anything was; record the run's end; return the summary of the contract.

    `pulled` are the files of tonight as `intake.Taken` rows.
    """
    late: list[dict[str, str]] = []
    if built["candidate"] is not None:
        candidate = Candidate(**{**built["candidate"], "path": Path(built["candidate"]["path"])})
        ready = partial(limited_ready, home, state, late)
        publishing.publish(candidate, home, state, now=now, run_id=run_id, prepare=ready)
        late += tidied(home)
    current = publications.current(state)
    assert current is not None
    path = publishing.warehouse_path(home)
    by_severity = count_by_severity(path)
    documents, troubles = _documents(state, pulled, run_id)
    troubles += [*late, *_indexed(home)]
    summary = {
        "run_id": run_id,
        "as_of": night.isoformat(),
        "documents": documents,
        "rows": {view: current.rows[view] for view in VIEWS},
        "findings": {severity: by_severity.get(severity, 0) for severity in SEVERITY_ORDER},
        "warehouse": str(path),
        "published": built["candidate"] is not None,
        "troubles": troubles,
        "accounts": {"files": file_accounts(state), "rows": row_accounts(path)},
        "server": serve_published(home, state, now=now),
    }
    state.end_run(
        run_id, "done", counts={k: summary[k] for k in ("documents", "rows", "findings", "accounts")}, now=now
    )
    return summary


def _indexed(home: Path) -> list[dict[str, str]]:
    """Bring the full-text index up to date. That it cannot be is a trouble to tell, not a night to lose."""
    import sqlite3

    try:
        refresh_index(home)
    except (sqlite3.Error, OSError) as e:
        message = f"全文索引没有更新（{e}）；检索到的仍是上次的内容，下一夜会再更新，请先查看磁盘空间。"
        return [{"path": index_path(home).name, "code": "search_index", "message": message}]
    return []


def _documents(
    state: State, pulled: Sequence[dict[str, Any]], run_id: str
) -> tuple[dict[str, int], list[dict[str, str]]]:
    """How many files of each kind lay there tonight, and the ones that could not be read with the reason.

    Files inside files count as files. new + changed + unchanged = seen; partial and quarantined say what state those
    seen are in.
    """
    records = {f.file_id: f for f in state.files()}
    count = dict.fromkeys(("seen", "new", "changed", "unchanged", "partial", "quarantined", "ignored"), 0)
    troubles: list[dict[str, str]] = []
    for file in [*pulled, *_inside(state, pulled, run_id)]:
        count[file["change"]] += 1
        if file["change"] == "ignored":
            continue
        count["seen"] += 1
        record = records[file["file_id"]]
        if record.state in ("partial", "quarantined"):
            count[record.state] += 1
        if record.state == "quarantined":
            troubles.append({"path": file["path"], "code": record.reason_code or "", "message": record.reason or ""})
    return count, troubles


def _inside(state: State, pulled: Sequence[dict[str, Any]], run_id: str) -> list[dict[str, str]]:
    """The files found inside tonight's files, as rows like those of `pulled`."""
    roots = {(f["source"], f["path"]) for f in pulled if f["change"] != "ignored"}
    started = next(r.started_at for r in state.runs() if r.run_id == run_id)
    fresh = state.first_seen_since(started)
    known = state.provenance()
    replaced = {(p.source, p.path) for p in known if not p.is_current}
    out = []
    for p in known:
        if p.parent_id is not None and p.is_current and (p.source, p.path.split(SEPARATOR)[0]) in roots:
            change = "unchanged" if p.file_id not in fresh else "changed" if (p.source, p.path) in replaced else "new"
            out.append({"file_id": p.file_id, "path": p.path, "change": change})
    return out


def _files(state: State) -> pa.Table:
    """Every path that a document lay under; nothing of files that were stopped at the door."""
    stopped = stopped_files(state)
    rows = [
        {
            "document_id": p.file_id,
            "source": p.source,
            "path": p.path,
            "parent_id": p.parent_id,
            "first_seen_date": p.first_seen_date,
            "is_current": p.is_current,
        }
        for p in state.provenance()
        if p.file_id not in stopped
    ]
    return arrow_table("files", rows)


def _units(home: Path, parts: Iterable[Manifest]) -> pa.Table:
    """The register of units that documents name, each once."""
    import pyarrow.parquet as pq

    found: dict[str, dict[str, Any]] = {}
    for part in parts:
        audit = load_audit(home, part)
        rows: Iterable[dict[str, Any]] | None = None if audit is None else audit.units
        if rows is None:
            path = part.parquet(home, "units")
            rows = () if path is None else pq.read_table(path, columns=list(UNIT_COLUMNS)).to_pylist()
        for row in rows:
            found.setdefault(row["unit_id"], row)
    return arrow_table("units", [found[k] for k in sorted(found)])


def _regions() -> pa.Table:
    from extractors.resolve.regions import registry

    table = registry()
    rows = [
        {
            "region_code": r.code,
            "name": r.name,
            "full_name": table.full_name(r),
            "level": r.level,
            "parent_code": r.parent,
            "valid_to_year": r.valid_to,
            "successor_code": r.successor,
        }
        for r in table.all()
    ]
    return arrow_table("regions", rows)


def _decisions(state: State, decided: Sequence[Decision]) -> pa.Table:
    """Every decision so far, with whether it counts tonight."""
    counts = {d.decision_number for d in decided}
    rows = [
        {
            **{
                k: getattr(d, k)
                for k in ("decision_number", "steward", "table_name", "field", "action", "value", "reason")
            },
            "decided_at": dt.datetime.fromisoformat(d.decided_at),
            "subject": d.row_id,
            "is_in_force": d.decision_number in counts,
        }
        for d in decisions(state)
    ]
    return arrow_table("decisions", rows)


def _runs(state: State, run_id: str, now: dt.datetime) -> pa.Table:
    """Every run so far; the one that is about to publish counts as done, since readers see it only if it was."""

    def row(run: Run) -> dict[str, Any]:
        mine = run.run_id == run_id
        return {
            "run_id": run.run_id,
            "as_of_date": run.as_of,
            "started_at": run.started_at,
            "ended_at": now if mine else run.ended_at,
            "status": "done" if mine else run.status,
            "counts": msgspec.json.encode(run.counts).decode(),
        }

    return arrow_table("runs", [row(r) for r in state.runs()])
