"""Personal data as people see it: phones, identity numbers, bank accounts, e-mail, names of persons.

Everything is masked for everyone; a steward may ask to see one object's, with a reason, for a quarter of an hour, and
the act is logged. Common practice: 138****1234, identity numbers first six and last four, bank accounts last four,
张*, first letter of an e-mail. Full-width digits and digits set apart by blanks or hyphens are known too.
Basis: 个人信息保护法 art. 6, 28, 51 (least scope; bank accounts are sensitive; de-identification).
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable

from starlette.requests import Request

from console.roles import STEWARD, User

UNMASK_MINUTES = 15
NAME_COLUMNS = frozenset({"contact_name", "responsible_person", "signed_off_by"})
PHONE_COLUMNS = frozenset({"contact_phone"})
PARTY_COLUMNS = frozenset({"debtor_name", "creditor_name"})

_DIGIT = "0-9０-９"
_GAP = r"[ \u3000\-－—·]"
_LONG = re.compile(
    rf"(?<![{_DIGIT}A-Za-z])[{_DIGIT}](?:{_GAP}?[{_DIGIT}]){{6,29}}(?:{_GAP}?[XxＸｘ])?(?![{_DIGIT}A-Za-z])"
)
_EMAIL = re.compile(r"[A-Za-z0-9._%+\-]+(?=@[A-Za-z0-9.\-]+\.[A-Za-z]{2,})")
_ORGANISATION = re.compile(
    r"公司|集团|厂|店|部|局|委|办|院|校|学|中心|政府|银行|合作|协会|会|所|站|社|队|室|处|厅|馆|园|行|场|坊|经营|工程|企业|"
    r"商|市|县|区|镇|乡|村|街道|项目|甲|乙|某"
)
_SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田"
    "任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文庞樊兰殷施陶洪翟安颜倪严牛温芦季俞"
    "章鲁葛伍韦申尤毕聂丛焦向柳邢路岳齐沿梅莫庄辛管祝左涂谷祁时舒耿牟卜詹关苗凌费纪靳盛童欧甄项曲成游阳裴席卫查屈鲍位覃霍翁"
    "隋植甘景薄单包司柏宁柯阮桂闵"
)


def mask_name(name: str) -> str:
    """A person's name: the first character, then one star (two for three characters and more)."""
    kept = name.strip()
    return kept if not kept else kept[0] + "*" * (1 if len(kept) <= 2 else 2)


def mask_phone(number: str) -> str:
    """A telephone number: the last four kept, of a mobile number also the first three."""
    digits = [i for i, c in enumerate(number) if c.isdigit()]
    if len(digits) < 7:
        return re.sub(rf"[{_DIGIT}]", "*", number)
    head = 3 if len(digits) == 11 and _ascii(number[digits[0]]) == "1" else 0
    return _star(number, digits[head:-4])


def mask_digits(number: str) -> str:
    """A long number by what it looks like: identity number, mobile or landline, else as a bank account."""
    digits = [i for i, c in enumerate(number) if c.isdigit() or c in "XxＸｘ"]
    plain = "".join(_ascii(number[i]) for i in digits).upper()
    if re.fullmatch(r"[1-9]\d{5}(?:18|19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dX]", plain):
        return _star(number, digits[6:-4])
    if re.fullmatch(r"[1-9]\d{5}\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}", plain):
        return _star(number, digits[6:-4])
    if re.fullmatch(r"(?:86)?1[3-9]\d{9}", plain):
        return _star(number, digits[-8:-4])
    if re.fullmatch(r"0\d{9,11}", plain):
        return _star(number, digits[-8:-4])
    return _star(number, digits[:-4])


def mask_text(text: str, names: Iterable[str] = ()) -> str:
    """A running text of the same length or shorter, with telephone, identity and bank numbers, e-mail addresses and
    these persons' names masked. Amounts, dates and document numbers stay."""
    out = _EMAIL.sub(lambda m: m.group()[0] + "***", text)
    out = _LONG.sub(_mask_run, out)
    for name in sorted({n.strip() for n in names if n and len(n.strip()) > 1}, key=len, reverse=True):
        out = out.replace(name, mask_name(name))
    return out


def _mask_run(m: re.Match[str]) -> str:
    """A run of digits, if it can be a personal number."""
    run = m.group()
    plain = "".join(_ascii(c) for c in run if c.isdigit() or c in "XxＸｘ").upper()
    before = m.string[max(0, m.start() - 1) : m.start()]
    after = m.string[m.end() : m.end() + 1]
    if (before in ("¥", "￥", ".", "，", ",") and before) or (after and after in "元万亿.．"):
        return run
    personal = (
        re.fullmatch(r"(?:86)?1[3-9]\d{9}", plain)
        or re.fullmatch(r"0\d{9,11}", plain)
        or re.fullmatch(r"[1-9]\d{16}[\dX]", plain)
        or re.fullmatch(r"\d{15,21}", plain)
        or (re.fullmatch(r"[2-8]\d{6,7}", plain) and _after_phone_word(m.string, m.start()))
    )
    return mask_digits(run) if personal else run


def _after_phone_word(text: str, start: int) -> bool:
    return (
        re.search(
            r"(?:电话|手机|联系方式|座机|传真|热线|Tel|TEL|[：:、，（(]\s*)\D{0,3}$", text[max(0, start - 12) : start]
        )
        is not None
    )


def mask_party(name: str) -> str:
    """A debtor or creditor: masked only when it is a person, by a surname and no word of an organisation."""
    plain = name.strip()
    is_person = 2 <= len(plain) <= 3 and plain[0] in _SURNAMES and not _ORGANISATION.search(plain)
    return mask_name(plain) if is_person else mask_text(name)


def mask_value(column: str, value: object) -> object:
    """A value of a warehouse column; texts in other columns are searched for personal numbers."""
    if not isinstance(value, str) or not value:
        return value
    if column in NAME_COLUMNS:
        return mask_name(value)
    if column in PHONE_COLUMNS:
        return re.sub(rf"[{_DIGIT}]+(?:{_GAP}[{_DIGIT}]+)*", lambda m: mask_phone(m.group()), value)
    if column in PARTY_COLUMNS:
        return mask_party(value)
    if column.endswith(("_id", "_code", "_uscc", "hash")) or column == "evidence":
        return value
    return mask_text(value)


def _star(text: str, places: list[int]) -> str:
    hidden = set(places)
    return "".join("*" if i in hidden else c for i, c in enumerate(text))


def _ascii(char: str) -> str:
    return chr(ord(char) - 0xFEE0) if "\uff01" <= char <= "\uff5e" else char


class Masker:
    """Masks what one page shows, or nothing while its object is unmasked. In templates it is `mask`."""

    def __init__(self, is_on: bool = True, names: Iterable[str] = ()) -> None:
        """`names` are persons known to be spoken of, to be found in running text too."""
        self.is_on = is_on
        self._names = tuple(names)

    def text(self, value: str | None) -> str:
        """Running text."""
        return "" if value is None else mask_text(value, self._names) if self.is_on else value

    def name(self, value: str | None) -> str:
        """A person's name."""
        return "" if value is None else mask_name(value) if self.is_on else value

    def phone(self, value: str | None) -> str:
        """A telephone number."""
        return "" if value is None else str(self.field("contact_phone", value))

    def party(self, value: str | None) -> str:
        """A debtor or creditor, who may be a person."""
        return "" if value is None else mask_party(value) if self.is_on else value

    def field(self, column: str, value: object) -> object:
        """A value of a column of the warehouse."""
        return mask_value(column, value) if self.is_on else value

    def row(self, row: dict[str, object]) -> dict[str, object]:
        """A whole row."""
        return {c: self.field(c, v) for c, v in row.items()}


def masker_of(request: Request, object_kind: str = "", object_id: str = "", names: Iterable[str] = ()) -> Masker:
    """The masker for a page about one object: off only while this session has unmasked that very object."""
    user: User | None = getattr(request.state, "user", None)
    session = getattr(request.state, "session", None)
    if user is None or session is None or not object_kind or not user.has(STEWARD):
        return Masker(True, names)
    until = session.unmasked.get(f"{object_kind}:{object_id}")
    now: dt.datetime = request.app.state.settings.now()
    return Masker(until is None or dt.datetime.fromisoformat(until) < now, names)
