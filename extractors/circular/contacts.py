"""Contacts: people, phones and mail addresses as the document prints them, with doubts about misread characters."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from extractors.rules import lexicon

PHONE = re.compile(
    r"(?<![\d.\-])(?:(?:\(0\d{2,3}\)|0\d{2,3})\s?[-—]?\s?\d{7,8}(?:[-—转]\d{1,5})?|1[3-9]\d{9}"
    r"|1[3-9]\d\s\d{4}\s\d{4}|[2-8]\d{6,7})(?![\d.])"
)
EMAIL = re.compile(r"[A-Za-z0-9._%+\-]{1,64}@[A-Za-z0-9\-]{1,60}(?:\.[A-Za-z0-9\-]{1,20}){1,4}")
_PERSON = re.compile(
    r"(?:联\s?系\s?人(?:员)?|联\s?络\s?人(?:员)?|联络员|经办人|咨询人)\s?(?:及(?:联系)?(?:电话|方式))?"
    r"(?:\s?[::]\s?|\s?(?=[\u4e00-\u9fa5]{2,4}\s?,?\s?(?:电话:?)?\s?(?:1[3-9]\d{9}|0\d{2,3}[-—]?\d{7})))"
)
_PHONE_LABEL = re.compile(r"(?:联系|咨询|办公|值班)?(?:电\s?话|方式|手\s?机)(?:号码)?(?:\s?/?\s?传真)?\s?[::]\s?")
# A fax number is no phone, unless one number serves as both (电话/传真：…).
_FAX = re.compile(r"(?<!/)(?<!/ )(?<![及、])传\s?真\s?[::]?\s?(?:\(?0\d{2,3}\)?[-— ]?)?\d{7,8}")
_ORGAN_ENDS = ("局", "办", "委", "厅", "科", "处", "室", "中心", "公司")
_NAME = re.compile(r"[\u4e00-\u9fa5]\s?[\u4e00-\u9fa5·]{1,3}(?:同志|先生|女士|科长|处长|主任)?")
_CONTACT_UNIT = re.compile(r"联\s?[系络]\s?(?:单位|部门|科室|处室)\s?[::]\s?(?P<unit>[\u4e00-\u9fa5]{3,30})")
_UNIT = re.compile(r"\((?P<unit>[^()\d:]{3,30})\)")


@dataclass(frozen=True, slots=True)
class Person:
    """One contact at positions [start, end) of the text; phones and mail in printed order."""

    start: int
    end: int
    name: str | None
    phones: tuple[str, ...]
    email: str | None
    unit: str | None
    flags: tuple[str, ...]


def find_contacts(text: str) -> list[Person]:
    """All contacts. A block starts at 联系人 and runs to the end of its lines of labels, at most 400 characters."""
    out: list[Person] = []
    free = 0
    for m in _PERSON.finditer(text):
        if m.start() < free:
            continue
        end = _block_end(text, m.end())
        opened = text.rfind("(", max(0, m.start() - 60), m.start())
        if opened >= 0 and text.find(")", opened, m.start()) < 0 and (close := _closing(text, m.end(), end)) >= 0:
            end = close  # （联系人：张三，电话：…）in the middle of a sentence
        nxt = _PERSON.search(text, m.end(), end)
        if nxt is not None:
            end = nxt.start()
        out += _block(text, m.start(), m.end(), end)
        free = end
    return [_with_unit(text, p) for p in out or _without_person(text)]


def _with_unit(text: str, person: Person) -> Person:
    """The contact with the unit that 联系单位：… names just before or behind it."""
    if person.unit is not None:
        return person
    m = _CONTACT_UNIT.search(text, max(0, person.start - 80), min(len(text), person.end + 40))
    return replace(person, unit=m["unit"]) if m is not None else person


def _closing(text: str, start: int, end: int) -> int:
    """Where the bracket around `start` closes, -1 if it does not before `end`."""
    depth = 0
    for i in range(start, end):
        if text[i] == "(":
            depth += 1
        elif text[i] == ")":
            if not depth:
                return i
            depth -= 1
    return -1


def _block_end(text: str, start: int) -> int:
    """The end of the contact's own line, and of following lines that begin with a phone or mail label."""
    end = text.find("\n", start)
    end = len(text) if end < 0 else end
    stop = text.find("。", start, end)
    if stop >= 0 and PHONE.search(text, start, stop):
        return stop
    while end < len(text) and end - start < 400:
        nxt = text.find("\n", end + 1)
        nxt = len(text) if nxt < 0 else nxt
        line = text[end + 1 : nxt]
        if not re.match(
            r"(?:联系|咨询|办公)?(?:电\s?话|方式|手\s?机)|(?:电子)?邮\s?[箱件]|E-?mail|传\s?真|地\s?址|电子信箱"
            r"|单\s?位|[\d\s\-—/、]{7,60}$",
            line,
            re.IGNORECASE,
        ):
            break
        end = nxt
    return end


def _block(text: str, start: int, body: int, end: int) -> list[Person]:
    part = text[body:end]
    emails = EMAIL.findall(part)
    unit = _UNIT.search(part)
    unit_name = unit["unit"].strip() if unit else None
    people: list[tuple[str, int, int]] = []
    stop_label = _PHONE_LABEL.search(part)
    names_end = stop_label.start() if stop_label else len(part)
    at = 0
    head = _UNIT.sub(lambda m: " " * len(m.group()), part)
    while at < names_end:
        m = _NAME.match(head, at)
        if m is None:
            nxt = re.compile(r"[\s,、;/\d\-—()]+").match(head, at)
            if nxt is None:
                break
            at = nxt.end()
            continue
        name = re.sub(r"\s|同志$|先生$|女士$|科长$|处长$|主任$", "", m.group())
        if lexicon.compiled(r"<metadata.names_not>").search(name):
            break
        if name.endswith(_ORGAN_ENDS):
            unit_name, at = unit_name or name, m.end()
            continue  # 市工信局 李某
        people.append((name, m.start(), m.end()))
        at = m.end()
    bare = _FAX.sub(lambda m: " " * len(m.group()), EMAIL.sub(lambda m: " " * len(m.group()), part))
    phones = [(p.group(), p.start()) for p in PHONE.finditer(bare)]
    email = emails[0] if emails else _mail_before(text, start)
    flags = _doubts(email, [p for p, _ in phones])
    if not people:
        if not phones and not emails:
            return []
        return [Person(start, _trim(text, body, end), None, tuple(p for p, _ in phones), email, unit_name, flags)]
    shares = _share(people, phones)
    out: list[Person] = []
    for k, (name, a, b) in enumerate(people):
        first = start if k == 0 else body + a
        last = _trim(text, body, end) if k == len(people) - 1 else body + b
        own = emails[k] if len(emails) == len(people) else email
        out.append(Person(first, last, name, tuple(shares[k]), own, unit_name, flags))
    return out


def _mail_before(text: str, start: int) -> str | None:
    """The one address the same paragraph names before its contact (…发送至甲@乙，联系人：…)."""
    line = text.rfind("\n", 0, start) + 1
    found = EMAIL.findall(text, max(line, start - 120), start)
    return found[0] if len(found) == 1 else None


def _share(people: list[tuple[str, int, int]], phones: list[tuple[str, int]]) -> list[list[str]]:
    """Which phone is whose: interleaved (张三 123 李四 456) by position, else everybody has all of them."""
    between = [
        [p for p, at in phones if at >= people[k][2] and (k + 1 == len(people) or at < people[k + 1][1])]
        for k in range(len(people))
    ]
    if len(people) > 1 and all(between):
        return between
    return [[p for p, _ in phones] for _ in people]


def _doubts(email: str | None, phones: list[str]) -> tuple[str, ...]:
    """Signs of misread characters: a mail name starting 11, 1l or holding O among digits; a phone of odd length."""
    flags = []
    if email is not None:
        local = email.split("@")[0]
        if re.match(r"(?:11|1l|l1|Il|I1)[a-z]", local) or re.search(r"\dO\d|\d[lI]\d", local):
            flags.append("suspect_ocr")
    if any(len(re.sub(r"\D", "", p)) in (9, 10) and p.startswith("1") for p in phones):
        flags.append("suspect_phone")
    return tuple(flags)


def _trim(text: str, start: int, end: int) -> int:
    while end > start and text[end - 1] in " \n),。;":
        end -= 1
    return end


def _without_person(text: str) -> list[Person]:
    """A phone with its label but nobody's name."""
    m = _PHONE_LABEL.search(text)
    if m is None:
        return []
    end = _block_end(text, m.end())
    phones = tuple(p.group() for p in PHONE.finditer(text, m.end(), end))
    if not phones:
        return []
    email = EMAIL.search(text, m.end(), end)
    address = email.group() if email else None
    return [Person(m.start(), _trim(text, m.end(), end), None, phones, address, None, _doubts(address, list(phones)))]
