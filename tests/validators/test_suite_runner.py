"""What the library decides on random data is what plain loops decide, and it never reaches the network."""

from __future__ import annotations

import datetime as dt
import os
import random
import re
import shutil
import subprocess
import sys
import textwrap
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from tests.validators.build import GOOD_USCC, night
from tests.warehouse.test_uscc import plainly_wrong
from validators import suite_runner
from validators.checks import AuditError, Check, Suite
from validators.suite_runner import run_suites
from validators.suites import suites_of
from warehouse.arrow import arrow_schema
from warehouse.fields import Field
from warehouse.tables import STAGED_TABLES, TABLES, Table

ROOT = Path(__file__).resolve().parents[2]
TEXTS = (None, None, "", "甲县", "130100", "130100\n", "1301", GOOD_USCC[0], "a" * 32, "a" * 64, "A" * 64, "yes", "否")
DATES = (
    None,
    dt.date(1949, 9, 30),
    dt.date(1949, 10, 1),
    dt.date(2024, 1, 1),
    dt.date(2099, 12, 31),
    dt.date(2100, 1, 1),
)
LIMITS = (None, -1, 0, 1, 2)


def random_value(field: Field, rng: random.Random) -> Any:
    """A value at or near the field's limits, often enough a wrong one."""
    if field.type in ("money", "number", "ratio"):
        picked = rng.choice((*LIMITS, "0.01", "-0.01", "1.000001" if field.type == "ratio" else "1.01"))
        return None if picked is None else Decimal(picked)
    if field.type == "int":
        return rng.choice((*LIMITS, 1948, 1949))
    if field.type == "date":
        return rng.choice(DATES)
    if field.type == "bool":
        return rng.choice((None, True, False))
    if field.type == "timestamp":
        return rng.choice((None, dt.datetime(2024, 1, 1, tzinfo=dt.UTC)))
    return rng.choice((*TEXTS, *field.domain))


def random_table(table: Table, rows: int, rng: random.Random) -> pa.Table:
    schema = pa.schema([f.with_nullable(True) for f in arrow_schema(table.name)])
    values = [{f.name: random_value(f, rng) for f in table.fields} for _ in range(rows)]
    return pa.Table.from_pylist(values, schema=schema)


def plainly_failing(check: Check, rows: list[dict[str, Any]]) -> list[int]:
    """The check in plain Python, one row at a time: shares nothing with the library or the vectorised predicates."""
    column = check.columns[0]
    seen = Counter(tuple(r[c] for c in check.columns) for r in rows)

    def wrong(row: dict[str, Any]) -> bool:
        value = row[column]
        if check.kind == "not_null":
            return value is None
        if check.kind == "unique":
            several = len(check.columns) > 1
            return (several or value is not None) and seen[tuple(row[c] for c in check.columns)] > 1
        if value is None:
            return False
        if check.kind == "in_set":
            return value not in check.allowed
        if check.kind == "between":
            low, high = check.minimum, check.maximum
            return (low is not None and value < low) or (high is not None and value > high)
        if check.kind == "matches":
            return re.fullmatch((check.pattern or "").removeprefix("^").removesuffix("$"), value) is None
        assert check.rule == "bad_uscc"
        return plainly_wrong(value)

    return [i for i, row in enumerate(rows) if wrong(row)]


@pytest.mark.parametrize("table", STAGED_TABLES, ids=lambda t: t.name)
@pytest.mark.parametrize("seed", [1, 2])
def test_the_library_and_plain_loops_agree_on_random_rows(table: Table, seed: int) -> None:
    data = random_table(table, 60, random.Random(f"{table.name}{seed}"))
    rows = data.to_pylist()
    derived = [s for s in suites_of(table.name, {}) if s.name in ("keys", "required", "values")]
    found = run_suites(data, derived)
    total = 0
    for suite in derived:
        failures = {id(f.check): f.positions.tolist() for f in found[suite.name]}
        for check in suite.checks:
            expected = plainly_failing(check, rows)
            assert failures.get(id(check), []) == expected, (check.rule, check.columns)
            total += len(expected)
    assert total > 0, "random rows that break nothing test nothing"


@pytest.mark.parametrize("table", TABLES)
def test_every_check_looks_at_columns_that_are_there(table: str) -> None:
    own = set(TABLES[table].column_names) | ({"issued_date"} if table == "time_expressions" else set())
    for suite in suites_of(table, {}):
        for check in suite.checks:
            assert set(check.columns) <= own
            assert check.field in own


def test_a_table_without_rows_fails_nothing() -> None:
    empty = night(ledger_rows=[])["ledger_rows"]
    assert all(not failures for failures in run_suites(empty, suites_of("ledger_rows", {})).values())


def test_every_row_failing_is_reported_in_full() -> None:
    many = pa.table({"disputed": pa.array(["?"] * 5000), "row_id": [str(i) for i in range(5000)]})
    check = Check("value_not_in_domain", "in_set", ("disputed",), "disputed", allowed=("yes",))
    (failure,) = run_suites(many, [Suite("values", "ledger_rows", (check,))])["values"]
    assert failure.positions.tolist() == list(range(5000))


def test_a_check_that_breaks_down_is_an_error_and_no_verdict() -> None:
    def broken(table: pa.Table) -> Any:
        raise ZeroDivisionError("a predicate that breaks")

    check = Check("other_flag", "satisfies", ("row_id", "disputed"), "disputed", failing=broken)
    rows = pa.table({"row_id": ["1"], "disputed": ["yes"]})
    with pytest.raises(AuditError, match="other_flag"):
        run_suites(rows, [Suite("values", "ledger_rows", (check,))])
    assert not suite_runner._PREDICATES


AUDIT = """
    import sys
    from tests.validators.scenarios import SCENARIOS
    from validators.audit import audit_rows
    for scenario in SCENARIOS[3:12]:
        if scenario.rule not in {f.rule for f in audit_rows(scenario.faulty).findings}:
            sys.exit(f"{scenario.rule} not found")
    import os
    assert os.environ["GX_ANALYTICS_ENABLED"] == "false"
"""
WATCH = """
    import socket, sys
    def refuse(*args, **kwargs):
        sys.stderr.write("NETWORK CALL\\n")
        raise OSError("the network is cut")
    socket.socket.connect = socket.socket.connect_ex = socket.socket.sendto = refuse
    socket.getaddrinfo = socket.create_connection = socket.gethostbyname = refuse
"""


def audited_in_a_child(
    folder: Path, prefix: list[str], environment: dict[str, str]
) -> subprocess.CompletedProcess[str]:
    """A real audit in a fresh interpreter that counts every attempt to reach the network (`NETWORK CALL`)."""
    (folder / "sitecustomize.py").write_text(textwrap.dedent(WATCH), encoding="utf-8")
    path = os.pathsep.join([str(folder), str(ROOT)])
    return subprocess.run(
        [*prefix, sys.executable, "-c", textwrap.dedent(AUDIT)],
        env={**environment, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
    )


def test_the_library_never_asks_for_the_network(tmp_path: Path) -> None:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("GX_")}
    done = audited_in_a_child(tmp_path, [], {**environment, "GX_ANALYTICS_ENABLED": "true"})
    assert done.returncode == 0, done.stderr
    assert "NETWORK CALL" not in done.stderr
    assert sorted(p.name for p in tmp_path.iterdir() if p.name != "__pycache__") == ["sitecustomize.py"]


def test_the_audit_runs_where_there_is_no_network_at_all(tmp_path: Path) -> None:
    unshare = shutil.which("unshare")
    prefix = [unshare or "unshare", "--net", "--map-root-user"]
    if unshare is None or subprocess.run([*prefix, "true"], check=False, capture_output=True).returncode != 0:
        pytest.skip("this machine does not let a process leave the network (unshare --net)")
    done = audited_in_a_child(tmp_path, prefix, dict(os.environ))
    assert done.returncode == 0, done.stderr
