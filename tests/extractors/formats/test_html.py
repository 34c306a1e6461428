"""Pages: the document without the site around it, whatever the site looks like."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractors.document import Document, ReadError
from extractors.formats.html_furniture import is_furniture
from extractors.read import read
from tests.extractors.formats.makers import PARAGRAPHS, TITLE, html

BODY = "".join(f"<p>{p}</p>" for p in PARAGRAPHS)
MENU = "<ul>" + "".join(f"<li><a href='/{i}'>栏目{i}，政务公开</a></li>" for i in range(30)) + "</ul>"


def page(body: str, head: str = "") -> Document:
    return read(f"<html><head>{head}</head><body>{body}</body></html>".encode(), "页.html")


@pytest.mark.parametrize(
    "layout",
    [
        "<div>{menu}</div><div id=main><h1>{title}</h1><div>{body}</div></div><div>{menu}</div>",
        "<table><tr><td>{menu}</td><td><table><tr><td><h1>{title}</h1></td></tr><tr><td>{body}</td></tr></table>"
        "</td></tr></table>",
        "<center><font size=5>{title}</font></center><div>{body}</div>",
        "<nav>{menu}</nav><article><header><h2>{title}</h2></header>{body}</article><footer>地址：某路，邮编。</footer>",
        "<div><div><div><div>{menu}<div>{title}</div><div><span><p></p>{body}</span></div></div></div></div></div>",
    ],
)
def test_title_and_text_are_found_in_every_layout(layout: str) -> None:
    title = f"<title>{TITLE}-青山县人民政府网</title>"
    found = page(layout.format(menu=MENU, title=TITLE, body=BODY), title)
    assert found.text.splitlines() == [TITLE, *PARAGRAPHS]


def test_a_title_outside_the_main_part_is_never_lost() -> None:
    found = page(f"<div>{MENU}</div><div>{BODY}</div>", f"<title>{TITLE}_青山县人民政府</title>")
    assert found.text.splitlines()[0] == TITLE
    assert found.blocks[0].kind == "heading"


def test_the_name_of_the_site_is_no_title() -> None:
    found = page(BODY, "<title>青山县人民政府门户网站</title>")
    assert found.text.splitlines() == list(PARAGRAPHS)
    assert found.title_hint == "青山县人民政府门户网站"


def test_hidden_parts_and_scripts_are_no_text() -> None:
    found = page(
        f"<div>{BODY}<p style='display: none'>藏起来的话，不算。</p><p hidden>也不算。</p>"
        "<script>var a='不算。'</script>"
        "<style>p{}</style><!-- 注释不算。 --><noscript>请开启脚本。</noscript></div>"
    )
    assert found.text.splitlines() == list(PARAGRAPHS)


def test_line_breaks_make_lines_and_inline_tags_do_not() -> None:
    found = page(
        "<p>截至<b>6</b>月底，<span>欠款</span>12<i>万元</i>。<br>另起一行，\n 续写。</p><pre>一，\n二。</pre>"
    )
    assert found.text.splitlines() == ["截至6月底，欠款12万元。", "另起一行， 续写。", "一，", "二。"]


def test_tables_keep_spans_and_ragged_rows() -> None:
    (table,) = page(
        "<p>说明文字，如下。</p><table><caption>欠款表</caption><tr><th rowspan=2>单位</th><th colspan=2>金额</th></tr>"
        "<tr><th>本金</th><th>利息</th></tr><tr><td rowspan=0>甲</td><td>1</td><td>2</td></tr>"
        "<tr><td>3</td></tr></table>"
    ).tables
    assert (table.rows, table.cols) == (4, 3)
    assert [(c.ref, c.text, c.row_span, c.col_span) for c in table.cells] == [
        ("r1c1", "单位", 2, 1), ("r1c2", "金额", 1, 2), ("r2c2", "本金", 1, 1), ("r2c3", "利息", 1, 1),
        ("r3c1", "甲", 2, 1), ("r3c2", "1", 1, 1), ("r3c3", "2", 1, 1), ("r4c2", "3", 1, 1),
    ]  # fmt: skip
    assert table.caption == "说明文字，如下。\n欠款表"


@settings(deadline=None)
@given(
    st.lists(
        st.lists(st.tuples(st.integers(-1, 70_000), st.integers(-1, 70_000)), min_size=1, max_size=4),
        min_size=2,
        max_size=5,
    )
)
def test_absurd_spans_never_overlap_nor_leave_the_grid(rows: list[list[tuple[int, int]]]) -> None:
    body = "".join("<tr>" + "".join(f"<td rowspan={r} colspan={c}>格，</td>" for r, c in row) + "</tr>" for row in rows)
    found = page(f"<p>文字，文字。</p><table>{body}</table>")
    for table in found.tables:
        taken: set[tuple[int, int]] = set()
        for cell in table.cells:
            assert cell.row + cell.row_span <= table.rows
            area = {(cell.row, cell.col + k) for k in range(cell.col_span)}
            assert not area & taken
            taken |= area


def test_attachments_beside_the_text_are_named() -> None:
    found = page(f"<div>{BODY}</div><div class=files><a href='/f/1.xls'>欠款台账.xls</a></div>")
    assert found.text.splitlines()[-1] == "附件：欠款台账.xls"
    assert "attachment_links" in {n.code for n in found.notices}


@pytest.mark.parametrize(
    ("head", "line"),
    [
        ("<meta name=PubDate content='2023-07-04 10:20'>", ""),
        ("<meta property='article:published_time' content='2023-07-04T10:20:00+08:00'>", ""),
        ("", "发布时间：2023-07-04 来源：县工信局"),
        ("", "发布日期：2023年7月4日"),
        ("", "来源：青山日报 时间：2023/07/04 字号：[大 中 小]"),
    ],
)
def test_the_date_of_publication_is_a_hint_and_not_text(head: str, line: str) -> None:
    found = page(f"<div><h1>{TITLE}</h1><p>{line}</p>{BODY}</div>", head)
    assert found.published_hint == "2023-07-04"
    assert line == "" or line not in found.text


@pytest.mark.parametrize(
    "line",
    ["【打印】【关闭】", "打印本页 关闭窗口", "字号：[大 中 小]", "分享到：微信", "当前位置：首页 > 通知",
     "上一篇：关于某事的通知", "浏览次数：120", "我要纠错", "责任编辑：王某",
     "来源：县工信局 发布时间：2023年5月6日 10:20"],
)  # fmt: skip
def test_lines_of_the_site(line: str) -> None:
    assert is_furniture(line)


@pytest.mark.parametrize(
    "line",
    ["打印费用12万元应于5月底前付清", "日期：2023年5月6日", "二、信息来源：各单位于2023年5月6日前报送。", "关闭企业3家",
     "来源：财政拨款100万元", "截至2023年6月3日，来源：财政拨款", "分享到会人员的意见，汇总如下。", ""],
)  # fmt: skip
def test_lines_of_the_document(line: str) -> None:
    assert not is_furniture(line)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("<h1>系统登录</h1><form>账号<input name=a>密码<input type=password></form>", "login_page"),
        ("<h2>403 Forbidden</h2>", "error_page"),
        ("<p>您访问的页面不存在或已删除！</p>", "error_page"),
        ("<div>会话已过期，请重新登录</div>", "login_page"),
        ("", "empty_text"),
    ],
)
def test_pages_that_are_no_document_are_refused(body: str, code: str) -> None:
    with pytest.raises(ReadError) as caught:
        page(body)
    assert caught.value.code == code


def test_a_login_box_beside_a_document_is_no_login_page() -> None:
    box = "<form>用户登录<input name=a><input type=password></form>"
    assert PARAGRAPHS[1] in page(f"{box}<div><h1>{TITLE}</h1>{BODY}{BODY}</div>").text


def test_an_article_about_page_numbers_404_is_no_error_page() -> None:
    found = page(f"<div><p>第404号提案答复如下。</p>{BODY}</div>")
    assert "第404号提案答复如下。" in found.text


def test_deep_nesting_within_bounds_is_read() -> None:
    found = page("<div>" * 3_000 + BODY + "</div>" * 3_000)
    assert found.text.splitlines() == list(PARAGRAPHS)


def test_the_same_page_under_the_name_of_a_word_document() -> None:
    found = read(html(), "通知.doc")
    assert found.format == "html"
    assert found.text == read(html(), "通知.html").text
    assert found.notices[0].code == "extension_mismatch"


def test_links_to_files_are_kept_in_the_order_of_the_text() -> None:
    found = page(
        f"<p><a href='/x.html'>政策解读</a></p>{BODY}<p><a href='./P020230703.pdf'>附件1.台账样式</a></p>"
        "<p>见<a href='/down.jsp?id=7'>附件2：填报说明</a>。</p><a href='javascript:void(0)'>附件3：打印</a>"
    )
    assert [(link.href, link.label) for link in found.links] == [
        ("./P020230703.pdf", "附件1.台账样式"), ("/down.jsp?id=7", "附件2：填报说明"),
    ]  # fmt: skip
    for link in found.links:
        assert link.start is not None
        assert found.text[link.start :].startswith(link.label)


def test_hidden_rows_of_a_table_are_read_and_flagged() -> None:
    rows = "<tr><td>单位</td><td>金额</td></tr><tr style='display:none'><td>甲</td><td>5</td></tr>"
    found = read(f"<html><body><table>{rows}<tr><td>乙</td><td>6</td></tr></table></body></html>".encode(), "台账.xls")
    (table,) = found.tables
    assert table.hidden_rows == (1,)
    assert [c.hidden for c in table.cells] == [False, False, True, True, False, False]
    assert "hidden_rows" in {n.code for n in found.notices}


def test_the_sheets_of_a_workbook_saved_as_a_web_archive() -> None:
    def part(name: str, body: str) -> str:
        return f"--B\r\nContent-Location: {name}\r\nContent-Type: text/html; charset=utf-8\r\n\r\n{body}\r\n"

    sheet = "<html><body><table><tr><td>单位</td><td>金额</td></tr><tr><td>甲</td><td>5</td></tr></table></body></html>"
    data = (
        "MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=B\r\n\r\n"
        + part("book.htm", "<html><frameset><frame src='sheet001.htm'></frameset></html>")
        + part("sheet001.htm", sheet)
        + "--B--\r\n"
    )
    assert read(data.encode(), "台账.xls").tables[0].cells[2].text == "甲"


def test_elements_without_a_name_break_nothing() -> None:
    broken = "<table><tr><td>甲，乙</td><-1><Style x='日'><N<x</td></tr></table>"
    assert read(broken.encode(), "a.html").text
