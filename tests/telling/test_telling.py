"""People are told once when something starts to be wrong and once when it is well again, by real servers."""

from __future__ import annotations

import datetime as dt
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml
from aiosmtpd.controller import Controller
from prometheus_client.parser import text_string_to_metric_families

from pipelines.source_schema import SourceError
from pipelines.telling.channels import payload, signed_url
from pipelines.telling.journal import clear_old, note
from pipelines.telling.settings import load_telling
from pipelines.telling.tell import tell
from tests.fetching.servers import free_port
from warehouse.state import State, open_state
from warehouse.state_sources import source_failed, source_was_well
from warehouse.state_troubles import begin_trouble, end_trouble, standing_troubles

NOW = dt.datetime(2026, 7, 1, 18, 20, tzinfo=dt.UTC)
COUNTS = {
    "documents": {"seen": 9, "new": 4, "changed": 1, "unchanged": 4, "partial": 0, "quarantined": 1, "ignored": 2},
    "rows": {"debts": 12}, "findings": {"block": 0, "quarantine": 1, "warn": 3, "note": 0},
}  # fmt: skip


class Inbox:
    """What an SMTP server got."""

    def __init__(self) -> None:
        self.mails: list[Any] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        self.mails.append(envelope)
        return "250 OK"


class Hook:
    """A robot's webhook; answers what `answer` says."""

    def __init__(self) -> None:
        self.got: list[dict[str, Any]] = []
        self.paths: list[str] = []
        self.answer = b'{"errcode": 0}'
        hook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                hook.paths.append(self.path)
                hook.got.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                self.send_response(200)
                self.end_headers()
                self.wfile.write(hook.answer)

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/send?key=robot-secret"


@pytest.fixture
def hook() -> Iterator[Hook]:
    made = Hook()
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture
def state(tmp_path: Path) -> Iterator[State]:
    with open_state(tmp_path) as opened:
        yield opened


def night(state: State, run: str, status: Any = "done", later: int = 0) -> dt.datetime:
    start = NOW + dt.timedelta(days=later)
    state.start_run(run, as_of=start.date(), now=start - dt.timedelta(minutes=5))
    state.end_run(run, status, counts=COUNTS if status == "done" else {}, now=start)
    return start


def configure(home: Path, settings: dict[str, Any]) -> None:
    (home / "telling.yml").write_text(yaml.safe_dump(settings), encoding="utf-8")


def test_started_once_ended_once(state: State, tmp_path: Path) -> None:
    inbox = Inbox()
    port = free_port()
    server = Controller(inbox, hostname="127.0.0.1", port=port)
    server.start()
    try:
        mail = {"host": "127.0.0.1", "port": port, "security": "none", "sender": "q@box.example"}
        mail["recipients"] = ["a@office.example", "b@office.example"]
        configure(tmp_path, {"mail": mail, "quiet": True})
        when = night(state, "r1")
        tell(tmp_path, state, when)
        assert inbox.mails == []  # a good night, and quiet
        begin_trouble(state, "source:x", kind="source", subject="某部", message="来源“某部”连接不上", now=when)
        for day in (1, 2, 3):
            begin_trouble(state, "source:x", kind="source", subject="某部", message=f"第{day}夜", now=when)
            tell(tmp_path, state, night(state, f"r{day + 1}", later=day))
        assert len(inbox.mails) == 1
        end_trouble(state, "source:x", now=when)
        for day in (4, 5):
            tell(tmp_path, state, night(state, f"r{day + 1}", later=day))
        assert len(inbox.mails) == 2
    finally:
        server.stop()
    assert inbox.mails[0].rcpt_tos == ["a@office.example", "b@office.example"]


def test_what_could_not_be_told_is_told_later(
    state: State, tmp_path: Path, hook: Hook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QQ_ROBOT", hook.url)
    configure(tmp_path, {"robots": [{"kind": "wecom", "url": {"env": "QQ_ROBOT"}}]})
    begin_trouble(state, "night", kind="night", subject="夜间任务", message="失败", now=NOW)
    hook.answer = b'{"errcode": 93000}'
    tell(tmp_path, state, night(state, "r1", "failed"))
    assert {t.trouble_id for t in standing_troubles(state)} == {"night", "telling"}
    assert "robot-secret" not in str(standing_troubles(state))
    hook.answer = b'{"errcode": 0}'
    tell(tmp_path, state, night(state, "r2", "failed", later=1))
    assert "新故障：夜间任务没有完成" in hook.got[-1]["text"]["content"]
    tell(tmp_path, state, night(state, "r3", "failed", later=2))
    assert "新故障" not in hook.got[-1]["text"]["content"]
    assert "仍未好" in hook.got[-1]["text"]["content"]


def test_nothing_of_files_leaves_the_machine(
    state: State, tmp_path: Path, hook: Hook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QQ_ROBOT", hook.url)
    configure(tmp_path, {"robots": [{"kind": k, "url": {"env": "QQ_ROBOT"}} for k in ("wecom", "dingtalk", "feishu")]})
    begin_trouble(
        state, "secrecy:a", kind="secrecy", subject="【机密】张三名单.docx", message="停止处理 13800001234", now=NOW
    )
    begin_trouble(state, "items:a", kind="source", subject="某部", message="李四.pdf 没有收到", now=NOW)
    tell(tmp_path, state, night(state, "r1"))
    said = json.dumps(hook.got, ensure_ascii=False)
    assert len(hook.got) == 3 and "国家秘密标志" in said and "某部" in said
    assert not any(word in said for word in ("张三", "李四", "1380000"))
    written = (tmp_path / "morning" / "2026-07-01.md").read_text(encoding="utf-8")
    assert "张三" in written  # people on the machine need to find the file
    assert json.loads((tmp_path / "morning" / "2026-07-01.json").read_bytes())["documents"]["new"] == 4
    journal = "".join(p.read_text() for p in (tmp_path / "logs").glob("*.jsonl"))
    assert journal and not any(word in journal for word in ("张三", "李四", "某部", "1380000"))


def test_the_shapes_that_robots_take() -> None:
    assert payload("wecom", "题", ["甲", "", "乙"], sign=None, now=NOW) == {
        "msgtype": "text",
        "text": {"content": "甲\n\n乙"},
    }
    assert payload("dingtalk", "题", ["甲", "", "乙"], sign=None, now=NOW) == {
        "msgtype": "markdown", "markdown": {"title": "题", "text": "甲\n\n乙"},
    }  # fmt: skip
    feishu = payload("feishu", "题", ["甲"], sign="demo", now=NOW)
    assert feishu["msg_type"] == "text" and feishu["content"] == {"text": "甲"} and feishu["timestamp"] == "1782930000"
    assert len(payload("wecom", "题", ["清" * 2000], sign=None, now=NOW)["text"]["content"].encode()) <= 2048
    # both signatures worked out apart, with openssl dgst -sha256 -hmac
    assert feishu["sign"] == "9BgTCBKN46dWx77ujV72WQjTVoMg2FGGaDJcSwVsFwQ="
    assert signed_url("https://oapi.example/robot/send?access_token=x", "SECabc", NOW) == (
        "https://oapi.example/robot/send?access_token=x&timestamp=1782930000000"
        "&sign=eeaK43o%2FEyWXik8JLb4tnrDSbJRA%2Bh%2ByWQbdmJo2zyo%3D"
    )


def test_figures_for_prometheus(state: State, tmp_path: Path) -> None:
    for _ in range(3):
        source_failed(state, "某部", code="dns", message="x", set_aside_after=3, pause=dt.timedelta(hours=1), now=NOW)
    source_was_well(state, "收件夹", brought_new=True, cursor=None, now=NOW)
    tell(tmp_path, state, night(state, "r1"))
    text = (tmp_path / "metrics" / "qingqian.prom").read_text()
    found = {
        (s.name, *s.labels.values()): s.value for family in text_string_to_metric_families(text) for s in family.samples
    }
    assert found["qingqian_last_run_ok",] == 1
    assert found["qingqian_last_success_duration_seconds",] == 300
    assert found["qingqian_documents", "quarantined"] == 1
    assert found["qingqian_source_failures", "某部"] == 3
    assert found["qingqian_source_last_new_timestamp_seconds", "收件夹"] == NOW.timestamp()


def test_a_wrong_setting_is_told_and_stops_nothing(state: State, tmp_path: Path) -> None:
    (tmp_path / "telling.yml").write_text("mial: {}\n")
    with pytest.raises(SourceError, match="mial"):
        load_telling(tmp_path)
    assert tell(tmp_path, state, night(state, "r1")) is not None
    assert [t.kind for t in standing_troubles(state)] == ["telling"]


def test_the_journal_takes_codes_only_and_is_kept_for_thirteen_months(tmp_path: Path) -> None:
    note(tmp_path, NOW - dt.timedelta(days=500), "night_done", run_id="a-1", counts={"new": 1})
    note(tmp_path, NOW - dt.timedelta(days=200), "night_done", run_id="a-2")
    with pytest.raises(ValueError, match="not a code"):
        note(tmp_path, NOW, "night_done", path="张三的台账.xlsx")
    clear_old(tmp_path, NOW)
    (kept,) = (tmp_path / "logs").glob("*.jsonl")
    assert msgspec.json.decode(kept.read_bytes())["run_id"] == "a-2"
