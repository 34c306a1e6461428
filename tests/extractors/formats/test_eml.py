"""Mail as offices send it: GBK under the name gb2312, three ways to name a file, a web page for a body."""

from __future__ import annotations

import base64
from email.message import EmailMessage, MIMEPart

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractors.document import ReadError
from extractors.formats.eml import words
from extractors.read import read
from tests.extractors.formats import makers

HEAD = b"From: a@b.cn\r\nTo: c@d.cn\r\nMIME-Version: 1.0\r\n"


def mail(*parts: bytes, subject: bytes = b"Subject: x") -> bytes:
    body = b"".join(b"--B\r\n" + p + b"\r\n" for p in parts)
    return HEAD + subject + b"\r\nContent-Type: multipart/mixed; boundary=B\r\n\r\n" + body + b"--B--\r\n"


PLAIN = "Content-Type: text/plain; charset=gb2312\r\n\r\n请于7月10日前报送，镕基。".encode("gb18030")


def encoded(text: str, charset: str = "gb2312", how: str = "B") -> str:
    data = text.encode("gb18030" if charset != "utf-8" else "utf-8")
    body = base64.b64encode(data).decode() if how == "B" else "".join(f"={b:02X}" for b in data)
    return f"=?{charset}?{how}?{body}?="


@pytest.mark.parametrize(
    ("header", "text"),
    [
        (encoded("关于报送台账"), "关于报送台账"),
        (encoded("朱镕基", "GB2312"), "朱镕基"),
        (encoded("关于", how="Q") + " " + encoded("报送"), "关于报送"),
        (encoded("关于") + "\r\n " + encoded("报送", "utf-8"), "关于报送"),
        ("Re: " + encoded("关于") + " abc", "Re: 关于 abc"),
        ("=?x-unknown?B?5YWz5LqO?=", "关于"),
        ("=?utf-8?B?5YWz5Lq?= =?utf-8?B?O?=", None),
        ("plain", "plain"),
    ],
)
def test_encoded_words(header: str, text: str | None) -> None:
    found = words(header)
    assert text is None or found == text


def test_a_character_cut_in_two_by_the_mailer_is_whole_again() -> None:
    data = "拖欠账款".encode("gb18030")
    pieces = [f"=?gb2312?B?{base64.b64encode(p).decode()}?=" for p in (data[:3], data[3:])]
    assert words("\r\n ".join(pieces)) == "拖欠账款"


@pytest.mark.parametrize(
    "disposition",
    [
        "Content-Disposition: attachment; filename*=gb18030''%CC%A8%D5%CB.csv",
        "Content-Disposition: attachment; filename*0*=utf-8''%E5%8F%B0; filename*1*=%E8%B4%A6.csv",
        f'Content-Disposition: attachment; filename="{encoded("台账.csv")}"',
        f'Content-Type: application/x; name="{encoded("台账.csv", "gbk", "Q")}"',
        'Content-Disposition: attachment; filename="台账.csv"',
        "Content-Disposition: attachment; filename=台账.csv",
    ],
)
def test_names_of_attachments(disposition: str) -> None:
    part = disposition.encode("gb18030") + b"\r\nContent-Transfer-Encoding: base64\r\n\r\n" + base64.b64encode(b"a,b")
    found = read(mail(PLAIN, part), "来信.eml")
    assert [(c.name, c.how, c.data) for c in found.children] == [("台账.csv", "attachment", b"a,b")]
    assert found.text.split("\n")[1].strip() == "请于7月10日前报送，镕基。"


def test_the_subject_heads_the_text_unless_the_body_says_it() -> None:
    subject = b"Subject: " + encoded("关于报送台账的通知").encode()
    assert read(mail(PLAIN, subject=subject), "a.eml").text.startswith("关于报送台账的通知\n请于")
    said = "Content-Type: text/plain; charset=utf-8\r\n\r\n关于报送台账的通知\n请速办。".encode()
    again = b"Subject: " + encoded("Fwd: 关于报送台账的通知").encode()
    assert read(mail(said, subject=again), "a.eml").text.count("关于报送台账") == 1


def page_mail(html: str, plain: str | None) -> bytes:
    message = EmailMessage()
    message["Subject"], message["From"], message["To"] = "x", "a@b.cn", "c@d.cn"
    message.set_content(plain if plain is not None else "", charset="utf-8")
    message.add_alternative(html, subtype="html", charset="gb18030")
    return bytes(message)


def test_the_page_is_read_where_it_says_more() -> None:
    table = "<table><tr><td>序号</td><td>金额（万元）</td></tr><tr><td>1</td><td>12.5</td></tr></table>"
    found = read(page_mail(f"<p>台账如下：</p>{table}", "台账如下："), "a.eml")
    assert len(found.tables) == 1
    assert [b for b in found.blocks if b.table] != []
    assert found.text[found.blocks[-1].start : found.blocks[-1].end] == "12.5"
    assert read(page_mail("<p>只有网页。</p>", None), "a.eml").text.strip().endswith("只有网页。")
    assert not read(page_mail("<p>网页正文</p>", "纯文本正文"), "a.eml").tables


def test_a_mail_in_a_mail_is_a_child_and_stays_a_mail() -> None:
    inner = EmailMessage()
    inner["Subject"], inner["From"], inner["To"] = "inner", "a@b.cn", "c@d.cn"
    inner.set_content("里面的正文")
    outer = EmailMessage()
    outer["Subject"], outer["From"], outer["To"] = "outer", "a@b.cn", "c@d.cn"
    outer.set_content("外面的正文")
    outer.add_attachment(inner)
    found = read(bytes(outer), "a.eml")
    (child,) = found.children
    assert child.name.endswith(".eml")
    assert "里面的正文" not in found.text
    assert "里面的正文" in read(child.data, child.name).text


def test_two_attachments_of_one_name_stay_two() -> None:
    part = b'Content-Disposition: attachment; filename="a.txt"\r\n\r\n'
    found = read(mail(PLAIN, part + b"1", part + b"2"), "a.eml")
    assert len({c.name for c in found.children}) == 2


def test_a_mail_without_a_body_still_has_its_attachments() -> None:
    part = b'Content-Disposition: attachment; filename="a.txt"\r\n\r\nabc'
    found = read(mail(part, subject=b"Date: Mon, 03 Jul 2023 17:20:00 +0800"), "a.eml")
    assert found.text.strip() == "a.txt"
    assert len(found.children) == 1


def test_headers_are_told_and_are_no_text() -> None:
    found = read(makers.eml(), "a.eml")
    assert "qqb@qingshan.example" not in found.text
    assert "qqb@qingshan.example" in found.notices[-1].message
    assert found.published_hint == "2023-07-03"


def test_mails_without_end_are_refused() -> None:
    deep = PLAIN
    for i in range(60):
        deep = (
            f"Content-Type: multipart/mixed; boundary=X{i}\r\n\r\n--X{i}\r\n".encode() + deep + f"\r\n--X{i}--".encode()
        )
    for data in (mail(deep), mail(*[PLAIN] * 600)):
        with pytest.raises(ReadError) as caught:
            read(data, "a.eml")
        assert caught.value.code == "bad_eml"


@settings(deadline=None)
@given(st.text(max_size=80))
def test_any_header_gives_text(text: str) -> None:
    words(text)
    words(f"=?gb2312?B?{text}?=")


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_any_part_is_read_or_refused(body: bytes) -> None:
    part = MIMEPart()
    part.set_content(body, maintype="application", subtype="octet-stream")
    data = mail(body, PLAIN)
    try:
        found = read(data, "a.eml")
    except ReadError:
        return
    assert found.text.strip()


def test_a_page_with_more_words_than_the_plain_text_is_read() -> None:
    more = "<p>" + "拖欠账款明细见下，请逐项核对后报送。" * 4 + "</p>"
    assert "逐项核对" in read(page_mail(more, "见网页"), "a.eml").text


def test_texts_beside_one_another_are_all_kept() -> None:
    page = "Content-Type: text/html; charset=utf-8\r\n\r\n<p>另附的网页。</p>".encode()
    found = read(mail(PLAIN, page), "a.eml")
    assert "请于7月10日前报送" in found.text
    (child,) = found.children
    assert read(child.data, child.name).text.strip() == "另附的网页。"


@pytest.mark.parametrize("cut", [-1, -200])
def test_a_broken_mail_is_partial(cut: int) -> None:
    data = makers.eml()
    broken = data[:cut] if cut < -1 else data.replace(b"------=_Part_1\n", b"------=_Port_1\n")
    assert read(broken, "a.eml").is_partial
    assert not read(data, "a.eml").is_partial
