"""A paper with a mark of state secrecy leaves no copy, no row and no word of its content in the home folder."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import zipfile
from pathlib import Path

from pipelines.door import forget
from tests.pipelines.nights import nightly, qingqian, rows

SECRET = "青龙桥专项甲乙丙"  # a word of the marked papers that must be found nowhere afterwards
PAPER = f"机密★1年\n青石县清欠专班\n关于{SECRET}的通知\n各单位：\n请于6月30日前报送。\n"
PLAIN = (
    "青石县清欠专班\n关于报送台账的通知\n各单位：\n"
    "请于6月30日前报送台账，做好保密工作，本通知不涉及国家秘密。\n2026年6月1日\n"
)


def words_kept(home: Path, word: str) -> list[str]:
    """Files below the home folder that hold a word, compressed ones looked into."""
    needles = [word.encode(), word.encode("utf-16-le"), word.encode("gb18030"), json.dumps(word)[1:-1].encode()]
    found = []
    for path in home.rglob("*"):
        if not path.is_file():
            continue
        data = path.read_bytes()
        if path.suffix == ".gz":
            data += gzip.decompress(data)
        if zipfile.is_zipfile(io.BytesIO(data)):
            with zipfile.ZipFile(io.BytesIO(data)) as z:
                data += b"".join(z.read(n) for n in z.namelist())
        if any(n in data for n in needles):
            found.append(str(path.relative_to(home)))
    return found


def test_marked_files_and_packages_are_stopped_and_others_are_not(tmp_path: Path) -> None:
    inbox, home = tmp_path / "inbox", tmp_path / "home"
    inbox.mkdir()
    (inbox / "通知.txt").write_text(PLAIN, encoding="utf-8")
    (inbox / "商业秘密保护.txt").write_text(PLAIN + "附：商业秘密。\n", encoding="utf-8")
    (inbox / "督办.txt").write_text(PAPER, encoding="utf-8")
    (inbox / "【秘密】名单.txt").write_text(f"{SECRET}\n{PLAIN}", encoding="utf-8")
    with zipfile.ZipFile(inbox / "材料.zip", "w") as z:
        z.writestr("内/方案.txt", PAPER + "二\n")
        z.writestr("内/说明.txt", PLAIN + f"三{SECRET}\n")
        z.writestr("通知.txt", PLAIN)
    summary = nightly(home, inbox, "2026-07-01")
    assert words_kept(home, SECRET) == []
    assert [r["path"] for r in rows(home, "select path from documents order by path")] == [
        "商业秘密保护.txt",
        "通知.txt",
    ]
    stopped = {t["path"]: t["code"] for t in summary["troubles"]}
    assert stopped == dict.fromkeys(
        ["督办.txt", "【秘密】名单.txt", "材料.zip", "材料.zip!/内/方案.txt", "材料.zip!/内/说明.txt"], "secrecy_mark"
    )
    status = json.loads(qingqian("status", "--json", home=home).stdout)
    assert {t["subject"] for t in status["troubles"] if t["kind"] == "secrecy"} == {
        "督办.txt", "【秘密】名单.txt", "材料.zip!/内/方案.txt",
    }  # fmt: skip

    # the same files again: known, not kept; a clean version at the same path is an ordinary file
    (inbox / "督办.txt").write_text(PLAIN + "更正后的版本。\n", encoding="utf-8")
    summary = nightly(home, inbox, "2026-07-02")
    assert words_kept(home, SECRET) == []
    assert "督办.txt" in {r["path"] for r in rows(home, "select path from documents")}
    assert summary["documents"]["changed"] == 1

    # and back again: stopped without being read
    (inbox / "督办.txt").write_text(PAPER, encoding="utf-8")
    nightly(home, inbox, "2026-07-03")
    assert words_kept(home, SECRET) == []
    file_id = hashlib.sha256(PAPER.encode()).hexdigest()
    assert file_id not in {r["document_id"] for r in rows(home, "select document_id from documents")}
    assert not (home / "raw" / file_id[:2] / file_id).exists()


def test_everything_made_of_a_file_is_removed_and_nothing_else(tmp_path: Path) -> None:
    gone, kept = "a" * 64, "ab" + "c" * 62
    made = ("raw/{s}/{i}", "facts/v1/{s}/{i}.json.gz", "facts/v2/{s}/{i}.json.gz", "audited/v/p/{s}/{i}.json",
            "staged/v/{s}/{i}/debts.parquet", "headers/v/{s}/{i}.json", "previews/v/{s}/{i}.json.gz")  # fmt: skip
    for file_id in (gone, kept):
        for path in made:
            place = tmp_path / path.format(s=file_id[:2], i=file_id)
            place.parent.mkdir(parents=True, exist_ok=True)
            place.touch()
    forget(tmp_path, gone)
    left = {p.relative_to(tmp_path).as_posix() for p in tmp_path.rglob("*") if p.is_file()}
    assert left == {path.format(s=kept[:2], i=kept) for path in made}
