"""The architecture as a promise: imports point one way, files stay small, each heavy library has one door."""

from __future__ import annotations

import ast
import importlib.metadata
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LOCKS = (ROOT / "requirements.lock", ROOT / "requirements-spark.lock")
ROOMS = ("extractors", "warehouse", "validators", "pipelines", "console")
# room -> what it may import of ours (besides itself)
ALLOWED = {
    "extractors": set(),
    "warehouse": {"extractors.facts", "extractors.document"},
    "validators": {"warehouse"},
    "console": {"warehouse", "validators.findings", "validators.duties"},
    "pipelines": {"extractors", "warehouse", "validators"},
}
# What a pure function has no use for.
IMPURE = {"socket", "sqlite3", "duckdb", "dagster", "subprocess", "requests", "urllib.request", "http.client", "time"}


def modules(room: str) -> list[Path]:
    return sorted(p for p in (ROOT / room).rglob("*.py"))


def imports(path: Path) -> set[str]:
    out: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            out |= {a.name for a in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            out.add(node.module)
            out |= {f"{node.module}.{a.name}" for a in node.names}
    return out


@pytest.mark.parametrize("room", [r for r in ROOMS if (ROOT / r).is_dir()])
def test_imports_point_one_way(room: str) -> None:
    bad: list[str] = []
    for path in modules(room):
        for name in imports(path):
            top = name.split(".")[0]
            if top not in ROOMS or top == room:
                continue
            allowed = ALLOWED[room]
            if not any(name == a or name.startswith(a + ".") or a.startswith(name + ".") for a in allowed):
                bad.append(f"{path.relative_to(ROOT)} imports {name}")
    assert not bad, "\n".join(bad)


def test_validators_sees_the_schema_and_no_engine_of_the_warehouse() -> None:
    engines = {"build", "publish", "state", "archive", "access", "export", "staging"}
    for path in modules("validators"):
        used = {n.split(".")[1] for n in imports(path) if n.startswith("warehouse.")}
        assert not used & engines, f"{path.name} imports an engine: {used & engines}"


def test_extractors_are_pure() -> None:
    for path in modules("extractors"):
        bad = {n for n in imports(path) if n in IMPURE or n.split(".")[0] in IMPURE}
        assert not bad, f"{path.relative_to(ROOT)} imports {bad}"
        source = path.read_text(encoding="utf-8")
        assert not re.search(r"\b(?:datetime|date)\.(?:now|today|utcnow)\(", source), f"{path.name} asks the clock"


def test_great_expectations_has_one_door() -> None:
    users = [
        str(p.relative_to(ROOT))
        for room in ROOMS
        for p in modules(room)
        if any(n.split(".")[0] == "great_expectations" for n in imports(p))
    ]
    assert users == ["validators/suite_runner.py"]


def test_dagster_stays_in_pipelines() -> None:
    for room in ("extractors", "warehouse", "validators"):
        for path in modules(room):
            assert not any(n.split(".")[0] == "dagster" for n in imports(path)), path


def test_no_dependency_brings_a_package_named_like_a_room() -> None:
    # PyPI has a package `validators`; if a dependency brought it, our room would be shadowed or shadow it.
    owners = importlib.metadata.packages_distributions()
    for room in ROOMS:
        assert set(owners.get(room, [])) <= {"qingqian"}, f"{room} comes from {owners[room]}"
    for lock in LOCKS:
        for room in ROOMS:
            assert not re.search(rf"(?m)^{room}==", lock.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", LOCKS, ids=lambda path: path.name)
def test_lock_file_has_a_hash_for_every_pin_and_names_no_host(path: Path) -> None:
    lock = path.read_text(encoding="utf-8")
    pins = re.split(r"(?m)^(?=[A-Za-z0-9])", lock)
    for pin in pins:
        if "==" in pin.split("\n")[0]:
            assert "--hash=sha256:" in pin, pin.split("\n")[0]
    assert "://" not in lock


def test_files_stay_small() -> None:
    long = {
        str(p.relative_to(ROOT)): n
        for room in (*ROOMS, "samples", "benchmarks")
        for p in modules(room)
        if (n := len(p.read_text(encoding="utf-8").splitlines())) > 450
    }
    assert not long


def test_no_merge_mark_is_left_anywhere() -> None:
    marks = re.compile(r"(?m)^(?:<{7} |={7}$|>{7} )")
    folders = [ROOT / f for f in (*ROOMS, "samples", "benchmarks", "tests", "docs", "sources") if (ROOT / f).is_dir()]
    endings = {".py", ".md", ".yml", ".sql", ".html", ".css", ".js", ".toml"}
    files = [p for folder in folders for p in folder.rglob("*") if p.suffix in endings and p.is_file()]
    assert not [str(p.relative_to(ROOT)) for p in files if marks.search(p.read_text(encoding="utf-8"))]
