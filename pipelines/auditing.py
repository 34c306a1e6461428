"""Auditing: the parts staged since the last night, each once per validator version.

`<home>/audited/<validator version>/<part version>/<aa>/<sha256>.json` keeps a part's findings. Row-level findings
depend on nothing but the part, so they are found once; what depends on other files is reconciled at every build.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa

from validators.audit import SuiteOutcome, audit_rows
from validators.findings import Finding
from validators.version import VALIDATOR_VERSION
from warehouse.durable import write_bytes_atomic
from warehouse.parts import Manifest, read_part
from warehouse.tables import STAGED_TABLES

# One audit holds about as many rows, so that memory stays bounded on a first night of thousands of files: the suites
# take some 10 kB a row, and a round of them half a second of its own. Keys hold their file's id, so what is unique in
# each file is so in all of them; keys that are hashes are held against each other at every build.
ROWS_AT_ONCE = 10_000
# What the night hands on of its findings: their number and the first few. All of them lie in the parts' audits.
SHOWN = 20
UNIT_COLUMNS = ("unit_id", "name", "kind", "region_code")
_AUDITED = frozenset(t.name for t in STAGED_TABLES)


class Audited(msgspec.Struct, frozen=True, kw_only=True):
    """What an audit came to: how many parts were looked at and findings kept, the first of these as rows, and the
    outcome of each suite."""

    parts: int = 0
    findings: int = 0
    sample: tuple[dict[str, Any], ...] = ()
    outcomes: tuple[SuiteOutcome, ...] = ()


class PartAudit(msgspec.Struct, frozen=True, kw_only=True):
    """The findings of one part, and the units it names, so that its file need not be opened for these; None in what
    an earlier version of the program kept."""

    file_id: str
    part_version: str
    findings: tuple[Finding, ...]
    units: tuple[dict[str, str | None], ...] | None = None


def audit_path(home: Path, part: Manifest) -> Path:
    """Where the findings of a part lie."""
    return home / "audited" / VALIDATOR_VERSION / part.version / part.file_id[:2] / f"{part.file_id}.json"


def load_audit(home: Path, part: Manifest) -> PartAudit | None:
    """A part's findings; None when it was not audited under this version, or what lies there is damaged."""
    try:
        return msgspec.json.decode(audit_path(home, part).read_bytes(), type=PartAudit)
    except FileNotFoundError:
        return None
    except msgspec.MsgspecError:
        audit_path(home, part).unlink()
        return None


def audit_parts(home: Path, parts: Sequence[Manifest]) -> Audited:
    """Audit parts, keep for each what was found, and say what it came to. Of findings no more is held than one group of
    parts has.

    A part with a blocking finding is not kept as audited: it is looked at again in the next night.
    """
    outcomes: dict[str, SuiteOutcome] = {}
    findings, sample = 0, list[dict[str, Any]]()
    for group in _groups(parts):
        tables, units = _joined(home, group)
        result = audit_rows(tables)
        by_file: dict[str, list[Finding]] = {p.file_id: [] for p in group}
        for finding in result.findings:
            if finding.document_id in by_file:
                by_file[finding.document_id].append(finding)
                findings += 1
                if len(sample) < SHOWN:
                    sample.append(msgspec.structs.asdict(finding))
        for part in group:
            audit = PartAudit(
                file_id=part.file_id,
                part_version=part.version,
                findings=tuple(by_file[part.file_id]),
                units=units[part.file_id],
            )
            if not result.is_blocked and part.file_id not in result.blocked_document_ids:
                write_bytes_atomic(audit_path(home, part), msgspec.json.encode(audit))
        for outcome in result.checks:
            outcomes[outcome.suite] = _added(outcomes.get(outcome.suite), outcome)
    return Audited(parts=len(parts), findings=findings, sample=tuple(sample), outcomes=tuple(outcomes.values()))


def _groups(parts: Iterable[Manifest]) -> Iterator[list[Manifest]]:
    group: list[Manifest] = []
    rows = 0
    for part in parts:
        group.append(part)
        rows += sum(part.rows.values())
        if rows >= ROWS_AT_ONCE:
            yield group
            group, rows = [], 0
    if group:
        yield group


def _joined(
    home: Path, parts: Iterable[Manifest]
) -> tuple[dict[str, pa.Table], dict[str, tuple[dict[str, str | None], ...]]]:
    """The rows of parts by table, and the units of each part (other parts list the same ones) by its file."""
    tables: dict[str, list[pa.Table]] = {}
    units: dict[str, tuple[dict[str, str | None], ...]] = {}
    for part in parts:
        found = read_part(home, part)
        named = found.get("units")
        units[part.file_id] = () if named is None else tuple(named.select(list(UNIT_COLUMNS)).to_pylist())
        for name, table in found.items():
            if name in _AUDITED:
                tables.setdefault(name, []).append(table)
    return {name: pa.concat_tables(found) for name, found in tables.items()}, units


def _added(before: SuiteOutcome | None, now: SuiteOutcome) -> SuiteOutcome:
    if before is None:
        return now
    return SuiteOutcome(
        suite=now.suite,
        passed=before.passed and now.passed,
        evaluated_rows=before.evaluated_rows + now.evaluated_rows,
        failed_rows=before.failed_rows + now.failed_rows,
        blocking=now.blocking,
    )
