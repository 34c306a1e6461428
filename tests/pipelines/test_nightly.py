"""Whole nights, run as an operator runs them."""

from __future__ import annotations

import io
import json
import shutil
import struct
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tests.pipelines.nights import SAMPLE_NIGHT, SAMPLES, contents, nightly, qingqian, rows, sample_night


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def first(home: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    summary, _ = sample_night(home, tmp_path_factory)
    return summary


def test_the_summary_has_the_fields_of_the_contract(first: dict[str, Any], home: Path) -> None:
    assert set(first) >= {"run_id", "as_of", "documents", "rows", "findings", "seconds", "warehouse"}
    files = len(list(SAMPLES.iterdir())) + 3  # two files in the archive, one in the mail
    assert first["documents"] == {
        "seen": files, "new": files, "changed": 0, "unchanged": 0, "partial": 0, "quarantined": 1, "ignored": 0,
    }  # fmt: skip
    assert first["as_of"] == SAMPLE_NIGHT
    assert Path(first["warehouse"]) == home / "warehouse" / "qingqian.duckdb"
    assert first["rows"]["documents"] == files - 1  # the mail's attachment is a file of the inbox too
    assert first["rows"]["debts"] > 40
    assert first["findings"]["block"] == 0


def test_planted_trouble_is_found(first: dict[str, Any], home: Path) -> None:
    found = {r["rule"] for r in rows(home, "select distinct rule from findings")}
    assert found >= {
        "debt_vanished", "debt_relabelled", "total_mismatch", "bad_uscc", "invalid_date", "repaid_fell",
        "document_quarantined", "due_before_issue",
    }  # fmt: skip
    (unread,) = rows(home, "select path, error_code, error_message from documents where status = 'quarantined'")
    assert unread["error_code"] == "bad_pdf"
    assert "扫描件" in unread["path"]
    assert unread["error_message"].endswith("。")


def test_every_row_of_a_view_opens_its_evidence(first: dict[str, Any], home: Path) -> None:
    for view in ("debt_statements", "obligations", "assignments", "statistics", "document_references"):
        found = rows(home, f"select evidence from {view}")
        assert found
        for row in found:
            assert row["evidence"], view
            assert set(row["evidence"]) & {"page", "paragraph", "cell"}, (view, row)


def test_money_in_a_ledger_comes_out_to_the_fen(first: dict[str, Any], home: Path) -> None:
    (line,) = rows(home, "select * from debts where contract_no = 'JX-2022-010'")
    assert line["remaining_amount_yuan"] == 378800
    assert line["status"] == "vanished"


def test_an_unchanged_night_changes_nothing(first: dict[str, Any], home: Path) -> None:
    path = Path(first["warehouse"])
    before, stat = contents(home), path.stat()
    second = nightly(home, SAMPLES, SAMPLE_NIGHT)
    assert second["documents"]["unchanged"] == second["documents"]["seen"] == first["documents"]["seen"]
    assert second["rows"] == first["rows"]
    assert second["findings"] == first["findings"]
    assert contents(home) == before
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (stat.st_ino, stat.st_mtime_ns)


def test_a_night_that_fails_says_where_and_is_recorded(tmp_path: Path) -> None:
    home, inbox = tmp_path / "home", tmp_path / "inbox"
    home.mkdir()
    inbox.mkdir()
    (inbox / "通知.txt").write_text("关于报送台账的通知\n\n各县区人民政府：\n\n请报送清欠台账。\n", encoding="utf-8")
    (home / "facts").touch()  # a file where the night needs a folder
    done = qingqian("nightly", "--inbox", str(inbox), "--as-of", SAMPLE_NIGHT, home=home, check=False)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "读取抽取" in done.stderr
    assert "Traceback" not in done.stderr + done.stdout
    status = json.loads(qingqian("status", "--json", home=home).stdout)
    assert [r["status"] for r in status["runs"]] == ["failed"]
    (home / "facts").unlink()
    nightly(home, inbox, SAMPLE_NIGHT)
    status = json.loads(qingqian("status", "--json", home=home).stdout)
    assert {r["status"] for r in status["runs"]} == {"failed", "done"}


def test_a_changed_file_is_a_new_version_and_the_old_one_is_kept(tmp_path: Path) -> None:
    inbox, home = tmp_path / "inbox", tmp_path / "home"
    inbox.mkdir()
    note = inbox / "通知.txt"
    text = "关于报送台账的通知\n\n各县区人民政府：\n\n请于{}前将清欠台账报送市清欠办。\n\n某某市清欠办\n2026年5月8日\n"
    note.write_text(text.format("6月10日"), encoding="utf-8")
    nightly(home, inbox, "2026-06-01")
    note.write_text(text.format("6月20日"), encoding="utf-8")
    summary = nightly(home, inbox, "2026-06-02")
    assert summary["documents"]["changed"] == 1
    assert [r["due_date"] for r in rows(home, "select due_date from obligations")] == ["2026-06-20"]
    statuses = rows(home, "select status, first_seen_date from documents order by first_seen_date")
    assert [(r["status"], r["first_seen_date"]) for r in statuses] == [
        ("superseded", "2026-06-01"),
        ("parsed", "2026-06-02"),
    ]


def test_the_same_bytes_by_another_name_are_one_document(tmp_path: Path) -> None:
    inbox, home = tmp_path / "inbox", tmp_path / "home"
    inbox.mkdir()
    sample = next(p for p in SAMPLES.iterdir() if p.suffix == ".csv")
    shutil.copy(sample, inbox / "甲.csv")
    one = nightly(home, inbox, SAMPLE_NIGHT)
    shutil.copy(sample, inbox / "乙.csv")
    two = nightly(home, inbox, SAMPLE_NIGHT)
    assert two["rows"]["documents"] == one["rows"]["documents"] == 1
    assert two["rows"]["debts"] == one["rows"]["debts"]
    assert {r["path"] for r in rows(home, "select path from files")} == {"甲.csv", "乙.csv"}


def encrypted_office_file() -> bytes:
    """A compound file whose directory names the stream of an encrypted Office document."""
    sector = 512
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    header += struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0)
    header += struct.pack("<I", 0) + b"\xff\xff\xff\xff" * 108
    fat = struct.pack("<III", 0xFFFFFFFD, 0xFFFFFFFE, 0xFFFFFFFE) + b"\xff\xff\xff\xff" * 125

    def entry(name: str, kind: int, child: int, start: int, size: int) -> bytes:
        raw = name.encode("utf-16-le")
        return (
            raw.ljust(64, b"\0") + struct.pack("<HBB", len(raw) + 2, kind, 1)
            + struct.pack("<III", 0xFFFFFFFF, 0xFFFFFFFF, child) + bytes(36) + struct.pack("<IQ", start, size)
        )  # fmt: skip

    entries = entry("Root Entry", 5, 1, 0xFFFFFFFE, 0) + entry("EncryptedPackage", 2, 0xFFFFFFFF, 2, 512)
    directory = entries + entry("", 0, 0xFFFFFFFF, 0, 0) * 2
    return header.ljust(sector, b"\0") + fat + directory + bytes(sector)


def bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
        z.writestr("[Content_Types].xml", "<Types/>")
        z.writestr("xl/worksheets/sheet1.xml", b"\0" * (300 * 1024 * 1024))
    return out.getvalue()


LOGIN = (
    "<html><head><title>用户登录</title></head><body><form action='/login' method='post'>用户名<input name='username'>"
    "密码<input type='password' name='password'><button>登录</button></form></body></html>"
)
HOSTILE = {
    "坏的.pdf": lambda: b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer\n<< /Root 1 0 R",
    "加密.docx": encrypted_office_file,
    "炸弹.xlsx": bomb,
    "空.txt": lambda: b"",
    "登录.pdf": lambda: LOGIN.encode(),
    "乱码.doc": lambda: bytes((i * 7919 + i * i * 31) % 251 for i in range(9000)),
}


def test_hostile_files_cost_themselves_only(tmp_path: Path) -> None:
    inbox, home = tmp_path / "inbox", tmp_path / "home"
    inbox.mkdir()
    good = [p for p in sorted(SAMPLES.iterdir()) if p.suffix in (".txt", ".csv")]
    for p in good:
        shutil.copy(p, inbox / p.name)
    for name, make in HOSTILE.items():
        (inbox / name).write_bytes(make())
    summary = nightly(home, inbox, SAMPLE_NIGHT)
    assert summary["documents"]["quarantined"] == len(HOSTILE)
    found = {r["path"]: r for r in rows(home, "select path, status, error_code, error_message from documents")}
    assert {p for p, r in found.items() if r["status"] == "parsed"} == {p.name for p in good}
    codes = {name: found[name]["error_code"] for name in HOSTILE}
    assert codes == {
        "坏的.pdf": "bad_pdf", "加密.docx": "needs_password", "炸弹.xlsx": "zip_bomb", "空.txt": "empty_file",
        "登录.pdf": "login_page", "乱码.doc": "unknown_format",
    }  # fmt: skip
    for name in HOSTILE:
        message = found[name]["error_message"]
        assert name in message and message.endswith("。"), message


def test_wrong_usage_and_failure_are_told_apart(tmp_path: Path) -> None:
    for arguments, status in (
        (("nightly", "--as-of", "gestern"), 2),
        (("nightly", "--colour"), 2),
        (("nightly", "--inbox", str(tmp_path / "gone")), 1),
        (("nightly", "--as-of", "1999-01-01", "--inbox", str(tmp_path)), 1),
        (("query", "select 1 as one"), 1),
        (("status",), 1),
        (("query", "select 1", "--format", "yaml"), 2),
        (("doctor",), 0),
    ):
        done = qingqian(*arguments, home=tmp_path / "home", check=False)
        assert done.returncode == status, (arguments, done.stderr)
        if status:
            assert done.stderr.startswith("qingqian: ")
            assert len(done.stderr.strip().splitlines()) == 1


def test_extract_yields_one_line_a_file_in_order(tmp_path: Path) -> None:
    import json

    files = [*sorted(SAMPLES.iterdir())[:5], tmp_path / "gone.txt"]
    done = qingqian("extract", *map(str, files), "--format", "jsonl", home=tmp_path)
    results = [json.loads(line) for line in done.stdout.splitlines()]
    assert [r["path"] for r in results] == [str(f) for f in files]
    assert results[-1]["error"]["code"] == "not_found"
    for result in results[:-1]:
        text = result["document"]["text"]
        for kind in ("amounts", "deadlines", "statistics"):
            assert all(text[x["start"] : x["end"]] == x["text"] for x in result[kind])
        assert all(text[x["start"] : x["end"]] == x["unit"] for x in result["assignments"])
    only_bad = qingqian("extract", str(tmp_path / "gone.txt"), "--format", "json", home=tmp_path, check=False)
    assert only_bad.returncode == 1
