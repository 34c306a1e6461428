"""`qingqian source`: skeletons are valid as written, examples run offline, wrong ones are told key by key."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pipelines.source_docs import PAGE, page
from pipelines.source_examples import run_examples
from pipelines.source_schema import KINDS, SourceError
from pipelines.source_skeletons import skeleton
from pipelines.sources import read_source
from tests.pipelines.nights import qingqian

LISTING = """<html><body><ul class="list"><li><a href="art_1.html">关于开展清欠的通知</a></li>
<li><a href="/2026/art_2.html">关于报送台账的通知</a></li></ul>
<a class="next" href="index_2.html">下一页</a></body></html>"""
ARTICLE = """<html><body><div id="zoom"><p>正文</p>
<a href="./files/a.xlsx">附件</a><a href="#top">返回</a></div></body></html>"""
LEDGER = "序号,欠款单位,债权单位,咱们的欠数（元）\n1,青石县水务局,甲公司,1200.50\n2,青石县教育局,乙公司,300\n"
SITE = """
name: site
kind: http
listing: [https://www.example.gov.cn/tz/index.html]
select: {item: ul.list li, next_page: a.next, content: '#zoom', attachments: '#zoom a'}
header_map: {咱们的欠数（元）: arrears_amount_yuan}
examples:
  - file: list.html
    page: listing
    url: https://www.example.gov.cn/tz/index.html
    expect:
      links: [https://www.example.gov.cn/tz/art_1.html, https://www.example.gov.cn/2026/art_2.html]
      next_page: https://www.example.gov.cn/tz/index_2.html
  - file: article.html
    page: article
    url: https://www.example.gov.cn/tz/art_1.html
    expect: {attachments: [https://www.example.gov.cn/tz/files/a.xlsx]}
  - file: 台账.csv
    expect: {format: csv, fields: [seq_no, debtor_name, creditor_name, arrears_amount_yuan], rows: 2}
"""


@pytest.mark.parametrize("kind", list(KINDS))
def test_a_skeleton_is_valid_as_written(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "a.yml"
    path.write_text(skeleton("某部", kind), encoding="utf-8")
    assert read_source(path).kind == kind


def write(folder: Path, text: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in {"site.yml": text, "list.html": LISTING, "article.html": ARTICLE, "台账.csv": LEDGER}.items():
        (folder / name).write_text(data, encoding="utf-8")
    return folder / "site.yml"


def test_examples_run_and_say_what_differs(tmp_path: Path) -> None:
    source = read_source(write(tmp_path, SITE))
    assert [(o.file, o.wrong) for o in run_examples(source, tmp_path)] == [
        ("list.html", ()), ("article.html", ()), ("台账.csv", ()),
    ]  # fmt: skip
    wrong = SITE.replace("ul.list li", "ul.gone li").replace("rows: 2", "rows: 3")
    outcomes = list(run_examples(read_source(write(tmp_path, wrong)), tmp_path))
    assert [o.is_right for o in outcomes] == [False, True, False]
    assert outcomes[2].wrong == ("rows 应为 3，得到 2",)
    (tmp_path / "台账.csv").unlink()
    with pytest.raises(SourceError, match=r"台账\.csv"):
        list(run_examples(source, tmp_path))


def test_the_commands(tmp_path: Path) -> None:
    home = tmp_path / "home"
    done = qingqian("source", "new", "某部", "--kind", "http", home=home)
    assert "某部.yml" in done.stdout
    assert qingqian("source", "new", "某部", home=home, check=False).returncode == 1
    assert qingqian("source", "new", "b", "--kind", "ftp", home=home, check=False).returncode == 2
    assert (home / "sources" / "source.schema.json").is_file()
    write(home / "sources", SITE.replace("rows: 2", "rows: 3"))
    done = qingqian("source", "check", "site", home=home, check=False)
    assert done.returncode == 1 and "rows 应为 3" in done.stdout and done.stderr.count("\n") == 1
    listed = json.loads(qingqian("source", "list", "--json", home=home).stdout)
    assert [(s["name"], s["kind"], s["state"]) for s in listed] == [
        ("site", "http", "never"),
        ("某部", "http", "never"),
    ]


def test_the_guide_has_every_key() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert page(text) == text, "run: python -m pipelines.source_docs"
