"""Finding and masking personal data in texts and columns: telephone, identity and bank numbers, e-mail, names.

Common practice: 138****1234, identity numbers first six and last four, bank accounts last four, 张*, the first letter
of an e-mail. Full-width digits and digits set apart by blanks or hyphens are known too. What could be personal is
masked: a number wrongly masked is a nuisance, one wrongly shown a breach. Amounts, dates, document numbers and credit
codes of organisations stay.
Basis: 个人信息保护法 art. 6, 28, 51 (least scope; bank accounts are sensitive; de-identification).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

NAME_COLUMNS = frozenset({"contact_name", "responsible_person", "signed_off_by"})
PARTY_COLUMNS = frozenset({"debtor_name", "creditor_name", "subject_name", "party"})
PLAIN_COLUMNS = frozenset({"evidence", "columns", "rule", "hash"})
"""Columns of ours that hold no words of anybody's."""

_D = "0-9０-９"
_GAP = r"[ \u00a0\u3000\-－—–]"
_NOT_AFTER = rf"(?<![{_D}])"
_NOT_BEFORE = rf"(?![{_D}])(?![.．][{_D}])(?!\s*[元万亿])"
_SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田"
    "任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文庞樊兰殷施陶洪翟安颜倪严牛温芦季俞"
    "章鲁葛伍韦申尤毕聂丛焦向柳邢路岳齐沿梅莫庄辛管祝左涂谷祁时舒耿牟卜詹关苗凌费纪靳盛童欧甄项曲成游阳裴席卫查屈鲍位覃霍翁"
    "隋植甘景薄单包司柏宁柯阮桂闵解强柴华车冉房边辜吉饶刁瞿戚丘古米池滕晋苑邬臧畅宫来嵺苟全褚廉简娄盖符奚木穆党燕郎邸冀谈姬"
    "屠连郜晏栾郁商蒙计喻揭窦迟宇敖糜鄢冷卓花仇艾蓝都巩稽井练仲乐虞卞封竺冼原官衣楚佟栗匡宗应台巫鞠僧桑荆谌银扬明沙薄伏岑习"
    "胥保和蔺"
)
_NAME = rf"[{_SURNAMES}][\u4e00-\u9fff]{{1,2}}"
_ROLE = (
    "联系人|经办人|负责人|责任人|制表人|填表人|填报人|审核人|复核人|签发人|报送人|联络员|承办人|法定代表人|法人代表|收款人|户名|"
    "分管领导|主要领导|姓名"
)

_IDENTITY = re.compile(
    rf"{_NOT_AFTER}[1-9１-９](?:{_GAP}?[{_D}]){{5}}{_GAP}?(?:[1１][8-9８-９]|[2２][0０])(?:{_GAP}?[{_D}]){{9}}{_GAP}?[{_D}XxＸｘ](?![{_D}])"
)
_BLANK = r"[ \u00a0\u3000\-－]"
_ACCOUNT = re.compile(
    rf"{_NOT_AFTER}(?:[{_D}]{{15,21}}[XxＸｘ]?"
    rf"|[{_D}]{{4}}(?:{_BLANK}[{_D}]{{4}}){{3,4}}(?:{_BLANK}[{_D}]{{1,4}})?){_NOT_BEFORE}"
)
_MOBILE = re.compile(rf"(?:(?<![{_D}])|(?<=86))[1１](?:{_GAP}?[{_D}]){{10}}{_NOT_BEFORE}")
_LANDLINE = re.compile(
    rf"(?<![{_D}.．])(?:[（(]?[0０][{_D}]{{2,3}}[）)]?(?:{_GAP}){{0,3}}[2-9２-９][{_D}]{{2,3}}{_GAP}?[{_D}]{{4}}"
    rf"|[48４８][0０]{{2}}{_GAP}?[{_D}]{{3,4}}{_GAP}?[{_D}]{{3,4}}){_NOT_BEFORE}"
)
_LOCAL = re.compile(
    rf"(?:电话|手机|座机|传真|热线|联系方式|[Tt][Ee][Ll])[号码：:为是、\s]{{0,4}}(?P<number>[2-9２-９][{_D}]{{2,3}}{_GAP}?[{_D}]{{4}}){_NOT_BEFORE}"
)
_EMAIL = re.compile(r"[A-Za-z0-9._%+\-]+(?=@[A-Za-z0-9.\-]+\.[A-Za-z]{2,})")
_NAMED = re.compile(rf"(?P<role>(?:{_ROLE})(?:姓名)?\s*[：:（(]?\s*)(?P<name>{_NAME})(?![\u4e00-\u9fff])")
_NAME_BY_NUMBER = re.compile(
    rf"(?<![\u4e00-\u9fff])(?P<name>{_NAME})(?=[\s，,、（(：:]{{0,3}}(?:电话|手机)?[：:\s]{{0,2}}[1１][3-9３-９][{_D}])"
)
# One look tells that a text can hold nothing personal: seven digits near each other, an @, or a word before a name.
_PERHAPS = re.compile(rf"@|[{_D}](?:[ \u00a0\u3000\-－—–()（）]{{0,4}}[{_D}]){{6}}|{_ROLE}")
_CREDIT_CODE = re.compile(r"(?:1[1-9]|5[1-9]|9[1-3]|[2-46-8Y][1-9]|A1|N[1-9])[1-9]\d{5}\d{9}[\dX]")
_ORGANISATION = re.compile(
    r"公司|集团|厂|店|部|局|委|办|院|校|学|中心|政府|银行|合作|协会|会|所|站|社|队|室|处|厅|馆|园|行|场|坊|经营|工程|企业|"
    r"商|市|县|区|镇|乡|村|街道|项目|甲|乙|某"
)


def mask_name(name: str) -> str:
    """A person's name: the first character, then stars."""
    kept = name.strip()
    return kept and kept[0] + "*" * (1 if len(kept) <= 2 else 2)


def mask_phone(number: str) -> str:
    """A telephone number: the last four digits kept, of a mobile number also the first three."""
    places = [i for i, c in enumerate(number) if c.isdigit()]
    plain = _digits(number)
    if len(places) < 7:
        return _star(number, places)
    if re.fullmatch(r"(?:86)?1\d{10}", plain):
        return _star(number, places[-8:-4])
    return _star(number, places[:-4])


def mask_text(text: str, names: Iterable[str] = ()) -> str:
    """A running text with what is personal in it masked, also every occurrence of the names of these persons."""
    out = _all_masked(text) if _PERHAPS.search(text) else text
    for name in sorted({n.strip() for n in names if n and len(n.strip()) > 1}, key=len, reverse=True):
        out = out.replace(name, mask_name(name))
    return out


def _all_masked(text: str) -> str:
    out = _EMAIL.sub(lambda m: m.group()[0] + "***", text)
    out = _NAME_BY_NUMBER.sub(lambda m: mask_name(m["name"]), out)
    out = _NAMED.sub(lambda m: m["role"] + mask_name(m["name"]), out)
    out = _IDENTITY.sub(_mask_identity, out)
    out = _ACCOUNT.sub(_mask_account, out)
    out = _MOBILE.sub(lambda m: _star(m.group(), _places(m.group())[3:-4]) if _is_mobile(m.group()) else m.group(), out)
    out = _LANDLINE.sub(lambda m: _star(m.group(), _places(m.group())[:-4]), out)
    return _LOCAL.sub(lambda m: m.group().replace(m["number"], mask_phone(m["number"])), out)


def mask_party(name: str) -> str:
    """A debtor or creditor: masked when it is a person, known by a surname and no word of an organisation."""
    plain = name.strip()
    is_person = 2 <= len(plain) <= 3 and plain[0] in _SURNAMES and not _ORGANISATION.search(plain)
    return mask_name(plain) if is_person else mask_text(name)


def mask_value(column: str, value: object) -> object:
    """A value of a warehouse column. Texts in ordinary columns are searched; keys and codes stay."""
    if not isinstance(value, str) or not value:
        return value
    if column in NAME_COLUMNS:
        return "、".join(mask_name(n) for n in re.split(r"[、，,;；/\s]+", mask_text(value)) if n)
    if column.endswith("phone"):
        return re.sub(rf"[{_D}](?:{_GAP}?[{_D}])+", lambda m: mask_phone(m.group()), value)
    if column in PARTY_COLUMNS:
        return mask_party(value)
    if column in ("contacts", "signatures"):
        return _mask_json(column, value)
    if column in PLAIN_COLUMNS or column.endswith(("_id", "_code", "_uscc", "_hash")):
        return value
    return mask_text(value)


class PersonalMasks:
    """The masks of the pages, as the making of a limited warehouse wants them."""

    def field(self, column: str, value: str) -> str:
        """A value of a column."""
        return str(mask_value(column, value))

    def text(self, value: str, names: Iterable[str]) -> str:
        """A running text in which these persons are named."""
        return mask_text(value, names)


def names_in(contacts: str | None, signatures: Iterable[str | None] = ()) -> list[str]:
    """Names of persons in a document's `contacts` and its tables' `signatures` (JSON), to be masked in its text."""
    found = [c.get("name") for c in _decoded(contacts) if isinstance(c, dict)]
    for told in signatures:
        found += [re.split(r"[：:]", s, maxsplit=1)[-1] for s in _decoded(told) if isinstance(s, str)]
    return [n for n in (str(f).strip() for f in found if f) if 2 <= len(n) <= 4]


def _decoded(told: str | None) -> list[Any]:
    if not told:
        return []
    try:
        value = msgspec.json.decode(told)
    except msgspec.DecodeError:
        return []
    return value if isinstance(value, list) else []


def _mask_json(column: str, told: str) -> str:
    return msgspec.json.encode(list(_masked_entries(column, _decoded(told)))).decode()


def _masked_entries(column: str, entries: list[Any]) -> Iterator[Any]:
    for entry in entries:
        if column == "signatures" and isinstance(entry, str):
            role, colon, name = entry.partition("：")
            yield role + colon + mask_name(name) if colon else mask_text(entry)
        elif isinstance(entry, dict):
            yield {
                k: [mask_phone(str(p)) for p in v]
                if k == "phones" and isinstance(v, list)
                else mask_name(v)
                if k == "name" and isinstance(v, str)
                else mask_text(v)
                if isinstance(v, str)
                else v
                for k, v in entry.items()
            }
        else:
            yield mask_text(str(entry))


def _mask_identity(m: re.Match[str]) -> str:
    places = _places(m.group())
    plain = _digits(m.group())
    month, day = int(plain[10:12]), int(plain[12:14])
    return _star(m.group(), places[6:-4]) if 1 <= month <= 12 and 1 <= day <= 31 else m.group()


def _mask_account(m: re.Match[str]) -> str:
    """Fifteen digits and more are an account, or an old identity number; eighteen may be an organisation's code."""
    plain = _digits(m.group())
    near = m.string[max(0, m.start() - 10) : m.start()]
    if len(plain) == 18 and _CREDIT_CODE.fullmatch(plain) and not re.search(r"账|帐|卡号|开户", near):
        return m.group()
    return _star(m.group(), _places(m.group())[:-4])


def _is_mobile(number: str) -> bool:
    return _digits(number)[1] in "3456789"


def _places(text: str) -> list[int]:
    return [i for i, c in enumerate(text) if c.isdigit() or c in "XxＸｘ"]


def _digits(text: str) -> str:
    return "".join(_ascii(text[i]) for i in _places(text)).upper()


def _star(text: str, places: list[int]) -> str:
    hidden = set(places)
    return "".join("*" if i in hidden else c for i, c in enumerate(text))


def _ascii(char: str) -> str:
    return chr(ord(char) - 0xFEE0) if "\uff01" <= char <= "\uff5e" else char
