"""A lakehouse for tests: its catalog on the tests' PostgreSQL server, its files in a folder or on an S3 server."""

from __future__ import annotations

import datetime as dt
import os
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import fsspec
import pytest

from tests.warehouse.makers import NOW, view_contents
from tests.warehouse.postgres_server import Server
from warehouse.engine import Engine, engine_set
from warehouse.lake.access import connect
from warehouse.lake.attach import EXTENSIONS, NETWORK, extension_path
from warehouse.lake.publish import serve
from warehouse.publish import warehouse_path
from warehouse.server_loads import Served
from warehouse.state import open_state

SOME = ("documents", "ledger_rows", "debts", "obligations")
SETTINGS = {
    "AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing-secret", "AWS_REGION": "us-east-1",
    "AWS_DEFAULT_REGION": "us-east-1",
}  # fmt: skip


def need_extensions() -> None:
    """Skip aloud where the extensions' wheels are not installed."""
    from warehouse.engine import EngineError

    try:
        for name in (*EXTENSIONS, NETWORK):
            extension_path(name)
    except EngineError as e:
        pytest.skip(f"没有湖仓的扩展，跳过湖仓的测试：{e}")


@contextmanager
def s3_server() -> Iterator[str]:
    """An S3 server while the block runs, the process's environment set to it; its address."""
    moto = pytest.importorskip("moto.server", reason="没有安装 moto，跳过 S3 存储的测试")
    server = moto.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    settings = {**SETTINGS, "AWS_ENDPOINT_URL": f"http://{host}:{port}"}
    before = {name: os.environ.get(name) for name in settings}
    os.environ.update(settings)
    # Open file systems are kept by fsspec: one of another server of this process would be taken for this one.
    fsspec.get_filesystem_class("s3").clear_instance_cache()
    try:
        yield settings["AWS_ENDPOINT_URL"]
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
        fsspec.get_filesystem_class("s3").clear_instance_cache()
        server.stop()


def new_bucket() -> str:
    """An empty bucket on the S3 server that is set; what QINGQIAN_LAKE_DATA is set to for it."""
    import s3fs

    bucket = f"lake-{uuid.uuid4().hex}"
    s3fs.S3FileSystem(skip_instance_cache=True).mkdir(bucket)
    return f"s3://{bucket}/qingqian"


def lake_environment(server: Server, data: Path | str) -> dict[str, str]:
    """The settings of a new lakehouse."""
    return {"QINGQIAN_WAREHOUSE": f"ducklake:{server.new_database()}", "QINGQIAN_LAKE_DATA": str(data)}


def new_lake(server: Server, data: Path | str) -> Engine:
    """The engine of a new lakehouse."""
    return engine_set(lake_environment(server, data))


def loaded(home: Path, engine: Engine, now: dt.datetime = NOW) -> Served:
    """Bring the lakehouse to the published file of a home."""
    with open_state(home) as state:
        return serve(home, state, engine, now=now)


def lake_contents(engine: Engine, views: Sequence[str] = SOME) -> dict[str, list[tuple[Any, ...]]]:
    """Rows of some views, sorted, of one snapshot, through analysts' own connection."""
    with connect(engine) as lake:
        lake.execute("BEGIN")
        return {name: sorted(lake.execute(f'SELECT * FROM main."{name}"').fetchall(), key=repr) for name in views}


def same(engine: Engine, home: Path, views: Sequence[str] = SOME) -> bool:
    """Whether the lakehouse has the rows of a home's published file, some views or (`VIEW_NAMES`) all."""
    file = view_contents(warehouse_path(home))
    return lake_contents(engine, views) == {name: file[name] for name in views}
