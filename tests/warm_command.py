"""The command line without its imports: a process that has made them once and forks for every call.

What runs is the real command in a process of its own, with its own environment, folder, output and exit status; only
the seconds in which every night imports the same libraries are spent once a test worker. The true start, `python -m
pipelines` in a fresh process, is tested in tests/pipelines/test_kill.py and tests/docs.
"""

from __future__ import annotations

import atexit
import gc
import importlib
import json
import os
import subprocess
import sys
import tempfile
import threading
import traceback
from pathlib import Path
from typing import IO, Any

ROOT = Path(__file__).resolve().parent.parent
IMPORTED = (
    "pipelines.cli", "pipelines.cli_nightly", "pipelines.definitions", "pipelines.night", "pipelines.cli_query",
    "pipelines.cli_findings", "pipelines.cli_decide", "validators.suite_runner", "openpyxl",
)  # fmt: skip

_LOCK = threading.Lock()
_PARENT: list[subprocess.Popen[str]] = []


def call(arguments: list[str], env: dict[str, str], cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run `qingqian` with these arguments and exactly this environment to its end, output captured."""
    with _LOCK, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        parent = _parent()
        assert parent.stdin is not None and parent.stdout is not None
        asked = {
            "arguments": arguments, "env": env, "cwd": str(cwd or Path.cwd()),
            "out": f"/proc/{os.getpid()}/fd/{out.fileno()}", "err": f"/proc/{os.getpid()}/fd/{err.fileno()}",
        }  # fmt: skip
        parent.stdin.write(json.dumps(asked) + "\n")
        parent.stdin.flush()
        answer = parent.stdout.readline()
        assert answer, "the process that forks has gone"
        return subprocess.CompletedProcess(
            ["qingqian", *arguments], int(answer), stdout=_text(out), stderr=_text(err)
        )  # fmt: skip


def _text(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode().replace("\r\n", "\n")


def _parent() -> subprocess.Popen[str]:
    if not _PARENT or _PARENT[0].poll() is not None:
        # One thread: a thread of a numeric library would not live on in the forked process.
        env = {k: v for k, v in os.environ.items() if not k.startswith(("QINGQIAN_", "DAGSTER_"))}
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.warm_command"], cwd=ROOT, env=env | {"OPENBLAS_NUM_THREADS": "1"}, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip
        _PARENT[:] = [process]
        atexit.register(process.kill)
    return _PARENT[0]


def _serve() -> None:
    for name in IMPORTED:
        importlib.import_module(name)
    gc.freeze()  # what was imported is never collected again, so its pages stay shared
    answers = os.fdopen(os.dup(1), "w")
    for line in sys.stdin:
        asked = json.loads(line)
        pid = os.fork()
        if pid == 0:
            answers.close()
            _leave(_become(asked))
        _, status = os.waitpid(pid, 0)
        answers.write(f"{os.waitstatus_to_exitcode(status)}\n")
        answers.flush()


def _become(asked: dict[str, Any]) -> int:
    """Be the command asked for; its exit status."""
    opened = [os.open(os.devnull, os.O_RDONLY), *(os.open(asked[k], os.O_RDWR) for k in ("out", "err"))]
    for target, file in enumerate(opened):
        os.dup2(file, target)
        os.close(file)
    os.environ.clear()
    os.environ.update(asked["env"])
    os.chdir(asked["cwd"])
    sys.argv[:] = ["qingqian", *asked["arguments"]]
    from pipelines.cli import main

    try:
        main()
    except SystemExit as end:
        if end.code is None or isinstance(end.code, int):
            return end.code or 0
        sys.stderr.write(f"{end.code}\n")
        return 1
    except BaseException:
        traceback.print_exc()
        return 1
    return 0


def _leave(status: int) -> None:
    """End as an interpreter does, but for taking its modules apart one by one."""
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


if __name__ == "__main__":
    _serve()
