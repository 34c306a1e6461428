"""What goes into the pool and what comes back, with the sentences people read about failures."""

from __future__ import annotations

import signal
from typing import Literal

import msgspec

ErrorCode = Literal["timeout", "memory", "crash", "error", "input", "output_too_large", "protocol"]


_READ_PROBLEMS = {
    "ENOENT": "文件不存在",
    "EACCES": "没有读取权限",
    "EPERM": "没有读取权限",
    "EISDIR": "是文件夹",
    "EIO": "磁盘读写出错",
    "EFBIG": "文件过大",
}


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """One file to parse. `path` holds the archived bytes, `name` is the file's own name as people know it,
    `context` the JSON of `extractors.facts.Context`; `key` comes back unchanged in the outcome. `about` is the JSON
    of `pipelines.reading.About`, for executors that stage what they read too; children do not get it."""

    key: str
    path: str
    name: str
    context: bytes = b"{}"
    about: bytes = b""


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one task; every task yields exactly one.

    `payload` is what the entry function returned when `ok`. `error_message` is a Chinese sentence for stewards;
    `detail` is for maintainers (exception, signal, last lines the child wrote to stderr). `seconds` is the time of
    the last attempt.
    """

    key: str
    ok: bool
    payload: bytes | None = None
    error_code: ErrorCode | None = None
    error_message: str | None = None
    seconds: float = 0.0
    attempts: int = 1
    detail: str = ""


def signal_name(number: int) -> str:
    """SIGSEGV for 11; the number itself where it has no name."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"信号{number}"


def exit_words(returncode: int | None) -> str:
    """How a child ended, in Chinese: by which signal or with which status."""
    if returncode is None:
        return "状态未知"
    if returncode < 0:
        return f"收到信号 {signal_name(-returncode)}"
    return f"退出码 {returncode}"


def reason(detail: str) -> str:
    """The first word of a child's report for people: the kind of error, in Chinese where stewards can act on it."""
    word = detail.partition(":")[0].strip()
    return _READ_PROBLEMS.get(word, word)


def failure_message(code: ErrorCode, name: str, *, attempts: int, what: str) -> str:
    """One sentence for stewards: what happened to which file and what to do. `what` fills in the measure."""
    tried = f"（已尝试{attempts}次）" if attempts > 1 else ""
    if code == "timeout":
        return f"解析“{name}”超过{what}秒仍未完成，已停止，请检查文件是否异常庞大或损坏，必要时拆分后重新投放。"
    if code == "memory":
        return f"解析“{name}”占用内存超过上限{what}，已停止，请检查文件是否异常，必要时另存或拆分后重新投放。"
    if code == "output_too_large":
        return f"解析“{name}”得到的结果超过上限{what}，未采用，请拆分文件后重新投放。"
    if code == "protocol":
        return f"解析“{name}”时子进程返回的数据不完整{tried}，未采用，请将该文件转交维护人员检查。"
    if code == "input":
        return f"无法读取“{name}”的存档（{what}），请检查存档目录和磁盘后重新运行。"
    if code == "error":
        return f"解析“{name}”时程序出错（{what}），文件已隔离，请将该文件转交维护人员检查。"
    return f"解析“{name}”时子进程异常终止（{what}）{tried}，文件已隔离，请检查文件是否损坏，或另存后重新投放。"
