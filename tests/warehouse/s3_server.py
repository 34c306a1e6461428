"""A real S3 server for tests, one a test process, and the variables that lead to it."""

from __future__ import annotations

import atexit
import uuid
from functools import cache

import pytest


def s3_bucket(monkeypatch: pytest.MonkeyPatch) -> str:
    """The URL of a new bucket, `s3://…`; the variables hold for as long as `monkeypatch` does."""
    pytest.importorskip("moto.server", reason="没有安装 moto，跳过 S3 存储的测试")
    monkeypatch.setenv("AWS_ENDPOINT_URL", _server())
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    import s3fs

    s3fs.S3FileSystem.clear_instance_cache()
    bucket = f"bucket-{uuid.uuid4().hex}"
    s3fs.S3FileSystem().mkdir(bucket)
    return f"s3://{bucket}"


@cache
def _server() -> str:
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    atexit.register(server.stop)
    host, port = server.get_host_and_port()
    return f"http://{host}:{port}"
