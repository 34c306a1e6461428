"""Personal data is masked whatever stands around it; amounts, dates and codes are left as they are."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from warehouse.personal import mask_name, mask_party, mask_phone, mask_text, mask_value, names_in

CASES = [
    ("联系人：张三，电话13812341234", "联系人：张*，电话138****1234"),
    ("手机１３８１２３４１２３４（微信同号）", "手机１３８****１２３４（微信同号）"),
    ("138 1234 1234、139-8765-4321", "138 **** 1234、139-****-4321"),
    ("+86 13812341234", "+86 138****1234"),
    ("电话0563-8162345", "电话****-***2345"),
    ("（0563）8162345", "（****）***2345"),
    ("联系电话：8162345", "联系电话：***2345"),
    ("举报电话 400-123-4567", "举报电话 ***-***-4567"),
    ("身份证号11010119900307123X", "身份证号110101********123X"),
    ("110101 19900307 1234", "110101 ******** 1234"),
    ("卡号6222 0212 3456 7890 123", "卡号**** **** **** ***0 123"),
    ("账号34050176880812345678", "账号****************5678"),
    ("邮箱 zhangsan@example.com", "邮箱 z***@example.com"),
    ("王小明 13912345678", "王** 139****5678"),
    ("制表人：喻小满", "制表人：喻**"),
]


@pytest.mark.parametrize(("text", "masked"), CASES)
def test_what_is_personal_is_masked(text: str, masked: str) -> None:
    assert mask_text(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "拖欠金额13800000000元，已清偿2,233,300.00元",
        "截至2026-07-31，尚欠5390700.00元；日期：2026-07-31，2026年7月31日",
        "绩政办〔2026〕12号，合同编号HT-2026-0815，第20260731号",
        "统一社会信用代码913418007049331234、91341800MA2T12345X",
        "占比0.123456789，台账第1048576行，单元格AB1048576",
        "文件a3f0c19e77d2b4 100.12345678%",
        "负责人由县政府确定，联系人名单另报",
    ],
)
def test_amounts_dates_and_codes_stay(text: str) -> None:
    assert mask_text(text) == text


AROUND = st.text(alphabet="，。、：；（）() ,.;:张电话手机a-元\n\t/号", max_size=6)
SPLIT = st.sampled_from(["", " ", "-", "\u3000"])


def wide(number: str) -> str:
    return "".join(chr(ord(c) + 0xFEE0) if c.isdigit() else c for c in number)


@given(
    before=AROUND.filter(lambda t: not re.search(r"\d$", t)),
    after=AROUND.filter(lambda t: not re.match(r"[\s\d]*元|[.．]\d", t)),
    second=st.integers(3, 9),
    rest=st.text(alphabet="0123456789", min_size=9, max_size=9),
    split=SPLIT,
    is_wide=st.booleans(),
)
def test_no_mobile_number_is_left_readable(
    before: str, after: str, second: int, rest: str, split: str, is_wide: bool
) -> None:
    number = f"1{second}{rest}"
    shown = split.join((number[:3], number[3:7], number[7:]))
    masked = mask_text(before + (wide(shown) if is_wide else shown) + after)
    plain = "".join(chr(ord(c) - 0xFEE0) if "０" <= c <= "９" else c for c in masked)
    assert f"{number[:3]}****{number[7:]}" in re.sub(r"[^0-9*]", "", plain)


@given(
    before=AROUND,
    after=AROUND.filter(lambda t: not t.startswith("元")),
    head=st.integers(100000, 999999),
    year=st.integers(1940, 2015),
    month=st.integers(1, 12),
    day=st.integers(1, 28),
    tail=st.integers(0, 999),
    check=st.sampled_from("0123456789X"),
)
def test_no_identity_number_shows_its_birthday(
    before: str, after: str, head: int, year: int, month: int, day: int, tail: int, check: str
) -> None:
    number = f"{head}{year}{month:02}{day:02}{tail:03}{check}"
    masked = mask_text(before + number + after)
    assert f"{head}********{tail:03}{check}" in masked


@given(st.text(max_size=60))
def test_masking_any_text_ends_and_twice_is_once(text: str) -> None:
    once = mask_text(text)
    assert mask_text(once) == once


@given(st.text(alphabet="王李张欧阳建国小明", min_size=2, max_size=4))
def test_a_name_keeps_its_first_character_only(name: str) -> None:
    assert re.fullmatch(re.escape(name[0]) + r"\*{1,2}", mask_name(name))


def test_columns_are_masked_by_what_they_hold() -> None:
    assert mask_value("contact_name", "李四") == "李*"
    assert mask_value("contact_phone", "0563-8162345/13812341234") == "****-***2345/138****1234"
    assert mask_value("creditor_name", "王小明") == "王**"
    assert mask_value("creditor_name", "宣城市金桥建材有限公司") == "宣城市金桥建材有限公司"
    assert mask_value("creditor_uscc", "913418007049331234") == "913418007049331234"
    assert mask_value("remarks", "已付至6222021234567890123") == "已付至***************0123"
    assert mask_value("arrears_amount_yuan", 12) == 12
    contacts = json.dumps(
        [{"name": "陶见山", "phones": ["13812341234"], "email": "tao@example.com", "unit": "县清欠办"}]
    )
    masked = json.loads(str(mask_value("contacts", contacts)))
    assert masked == [{"name": "陶**", "phones": ["138****1234"], "email": "t***@example.com", "unit": "县清欠办"}]
    assert json.loads(str(mask_value("signatures", '["负责人：陶见山"]'))) == ["负责人：陶**"]


def test_names_known_from_a_document_are_masked_in_its_text() -> None:
    names = names_in('[{"name": "陶见山"}]', ['["制表人：喻小满"]', None])
    assert names == ["陶见山", "喻小满"]
    assert mask_text("请陶见山、喻小满两同志参加", names) == "请陶**、喻**两同志参加"


def test_short_numbers_and_persons_as_parties() -> None:
    assert mask_phone("12345") == "*****"
    assert mask_party("李国强") == "李**"
    assert mask_party("金桥厂") == "金桥厂"


PERSONAL_PIECES = (
    "电话", "：", " ", "-", "13812345678", "0551", "8765432", "2345678", "联系", "（", "３", "合同", "H20240115",
    "a@b.cn", "1101011990", "01011234", "X", "。", "传真:", "万元", "6222021234567890123",
)  # fmt: skip


@settings(deadline=None)
@given(st.lists(st.sampled_from(PERSONAL_PIECES), max_size=8).map("".join))
def test_a_limited_warehouse_hands_over_all_that_would_be_masked(text: str) -> None:
    import duckdb

    from warehouse.limited.masks import suspects

    row = duckdb.execute(f"SELECT {suspects('t')} FROM (SELECT ?::VARCHAR AS t)", [text]).fetchone()
    assert row is not None
    assert row[0] or mask_text(text) == text
