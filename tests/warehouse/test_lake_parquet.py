"""The views as plain Parquet: one whole night by its manifest, readable by anybody, kept while nothing changes."""

from __future__ import annotations

import datetime as dt
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from tests.warehouse.lake_makers import loaded, new_bucket, new_lake
from tests.warehouse.makers import NOW, built, two_months
from tests.warehouse.postgres_server import Server
from warehouse.engine import EngineError
from warehouse.lake.after import follow
from warehouse.lake.attach import place_of
from warehouse.lake.parquet import Shelf, current, is_wanted, publish_parquet, shelf_of
from warehouse.publish import publish, warehouse_path
from warehouse.relations import described
from warehouse.state import open_state
from warehouse.views import VIEW_NAMES

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "lakehouse.md"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("home")
    with open_state(folder) as state:
        publish(built(folder, two_months(folder)), folder, state, now=NOW)
    return folder


def tables_of(path: Path, changed: str = "") -> dict[str, tuple[int, str]]:
    """Digests as a load tells them, of one table another one."""
    from warehouse.lake.load import table_digest
    from warehouse.relations import loaded_tables

    with duckdb.connect(str(path), read_only=True) as file:
        out = {name: table_digest(file, f'core."{name}"') for name in loaded_tables()}
    if changed:
        out[changed] = (0, "changed")
    return out


def test_the_guide_s_example_reads_one_night_from_an_s3_store(lake_server: Server, s3: str, home: Path) -> None:
    engine = new_lake(lake_server, new_bucket())
    done = loaded(home, engine)
    with open_state(home) as state:
        assert follow(home, state, engine, done, now=NOW).status == "loaded"
        assert follow(home, state, engine, loaded(home, engine), now=NOW).status == "unchanged"
    (example,) = re.findall(r"```python\n(.*?)```", GUIDE.read_text("utf-8"), re.DOTALL)
    example = example.replace("s3://bucket/prefix", engine.data)
    before, spark, after = re.split(r"# Spark SQL.*?\n|# pyarrow\n", example)
    scope: dict[str, Any] = {}
    exec(before + after, scope)
    assert set(scope["paths"]) == set(VIEW_NAMES)
    assert scope["night"]["night"] == "2031-03-02"
    debts: pa.Table = scope["debts"]
    assert pc.sum(debts["remaining_amount_yuan"]).as_py() == Decimal("450.00")
    assert debts.schema.field("remaining_amount_yuan").type == pa.decimal128(18, 2)
    assert "createOrReplaceTempView" in spark


SPARK = """
import json, sys
from pyspark.sql import SparkSession

given = json.load(sys.stdin)
local = {"spark.ui.enabled": "false", "spark.driver.bindAddress": "127.0.0.1", "spark.driver.host": "127.0.0.1"}
spark = SparkSession.builder.master("local[1]").config(map=local).getOrCreate()
exec(given["example"], {"paths": given["paths"], "spark": spark})
(row,) = spark.sql("SELECT sum(remaining_amount_yuan) AS s, max(as_of_date) AS d FROM debts").collect()
print("answer", row.s, row.d)
"""


def test_spark_reads_what_the_guide_says(tmp_path: Path, home: Path) -> None:
    if importlib.util.find_spec("pyspark") is None:
        pytest.skip("没有安装 pyspark，跳过用 Spark 读 Parquet 快照的测试")
    if shutil.which("java") is None:
        pytest.skip("这台机器没有 Java，跳过用 Spark 读 Parquet 快照的测试")
    shelf = Shelf(str(tmp_path / "parquet"))
    path = warehouse_path(home)
    publish_parquet(shelf, path, night="2031-03-02", load_id="a", tables=tables_of(path), keep=7, now=NOW)
    example = re.findall(r"# Spark SQL.*?\n(.*?)# pyarrow", GUIDE.read_text("utf-8"), re.DOTALL)[0]
    night = json.loads((tmp_path / "parquet" / "current" / "manifest.json").read_bytes())
    paths = {view: [f"{shelf.base}/{f}" for f in night["views"][view]["files"]] for view in ("debts", "documents")}
    # A process of its own: one process holds one kind of Spark session, and what it was told once stays with it.
    done = subprocess.run(
        [sys.executable, "-c", SPARK], input=json.dumps({"example": example, "paths": paths}),
        env={k: v for k, v in os.environ.items() if not k.startswith("SPARK_")},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "answer 450.00 2031-02-28" in done.stdout.splitlines(), done.stderr[-2000:]


def test_every_view_has_the_file_s_rows_and_types(tmp_path: Path, home: Path) -> None:
    path, shelf = warehouse_path(home), Shelf(str(tmp_path / "parquet"))
    assert publish_parquet(
        shelf, path, night="2031-03-02", load_id="a", tables=tables_of(path), keep=7, now=NOW
    ) == len(VIEW_NAMES)
    manifest = current(shelf)
    assert manifest is not None
    with duckdb.connect(str(path), read_only=True) as file:
        for name in VIEW_NAMES:
            files = [f"{shelf.base}/{f}" for f in manifest.views[name].files]
            assert len(files) >= 1
            there = file.execute("SELECT * FROM read_parquet(?)", [files])
            kinds = tuple(str(c[1]) for c in there.description)
            rows = sorted(map(repr, there.fetchall()))
            assert rows == sorted(map(repr, file.execute(f'SELECT * FROM main."{name}"').fetchall())), name
            assert len(rows) == manifest.views[name].rows
            wanted = described().views[name].types
            assert [str(k) for k in kinds] == [re.sub(r"^TIMESTAMPTZ$", "TIMESTAMP WITH TIME ZONE", t) for t in wanted]


def test_only_views_whose_tables_changed_are_written_and_old_files_go_in_time(tmp_path: Path, home: Path) -> None:
    path, shelf = warehouse_path(home), Shelf(str(tmp_path / "parquet"))
    for n, changed in enumerate(("", "regions", "lpr_rates")):
        written = publish_parquet(
            shelf, path, night=f"2031-03-0{n + 2}", load_id=f"{n}", tables=tables_of(path, changed), keep=1,
            now=NOW + dt.timedelta(days=n),
        )  # fmt: skip
        assert written == len(VIEW_NAMES) if n == 0 else 0 < written < 8
        assert publish_parquet(shelf, path, night="x", load_id=f"{n}", tables={}, keep=1, now=NOW) == 0
    everything = {p for p in (tmp_path / "parquet").rglob("*") if p.is_file()}
    later = dt.datetime.now(dt.UTC) + dt.timedelta(days=3)
    publish_parquet(shelf, path, night="2031-03-09", load_id="z", tables=tables_of(path), keep=1, now=later)
    left = {p for p in (tmp_path / "parquet").rglob("*") if p.is_file()}
    assert everything - left  # what only the older nights named
    manifest = current(shelf)
    assert manifest is not None
    named = {f"{shelf.base}/{f}" for relation in manifest.views.values() for f in relation.files}
    assert {str(p) for p in left if p.suffix == ".parquet"} == named
    assert [p.parent.name for p in left if "nights" in p.parts] == ["2031-03-09"]


def test_what_fails_after_the_load_is_said_and_done_another_night(
    lake_server: Server, tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = new_lake(lake_server, tmp_path / "shared")
    done = loaded(home, engine)
    (tmp_path / "shared" / "parquet").write_text("a file where a folder should be")
    with open_state(home) as state:
        said = follow(home, state, engine, done, now=NOW)
        assert said.status == "failed"
        assert "已是这一夜的数据" in said.message
        (tmp_path / "shared" / "parquet").unlink()
        assert follow(home, state, engine, loaded(home, engine), now=NOW).status == "unchanged"
    assert current(shelf_of(place_of(engine).data)) is not None


def test_it_can_be_switched_off() -> None:
    assert is_wanted({})
    assert not is_wanted({"QINGQIAN_LAKE_PARQUET": "off"})
    with pytest.raises(EngineError, match="QINGQIAN_LAKE_PARQUET"):
        is_wanted({"QINGQIAN_LAKE_PARQUET": "no"})
