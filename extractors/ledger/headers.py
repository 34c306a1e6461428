"""One column's header path to the canonical fields it may mean, best first.

A path runs from the outermost merged parent to the leaf: ("拖欠金额（万元）", "其中：无分歧"). The source's own header
map comes first, then exact words, then "group + leaf" (a parent, a prefix or a bracket naming a side or a subject),
then a spelling one character off. What the column holds is checked afterwards, in `columns`.
"""

from __future__ import annotations

import re
from functools import lru_cache

import msgspec

from extractors.ledger.parts import part_of
from extractors.ledger.units import in_header
from extractors.ledger.words import MONEY, lexicon, plain

_BRACKETS = re.compile(r"[(\[【〔〈<]([^()\[\]【】〔〕〈〉<>]*)[)\]】〕〉>]")
_UNIT_TAIL = re.compile(
    r"[/,、:_-]?(?:人民币)?(?:亿元|千万元|百万元|十万元|万元|千元|元|%|笔|户|件|份|家|个|宗|天|日)$"
)
_UNIT_LABEL = re.compile(r"[,(]?单位:?(?:人民币)?(?:亿元|百万元|十万元|万元|千元|元)[)]?$")
_COUNT_UNIT = re.compile(r"^[(\[]?(?:单位:)?([笔户件家个宗份])[)\]]?$")
_ORDINAL = re.compile(r"^(?:\d{1,2}[.、．)]|[一二三四五六七八九十]{1,3}[、.．]|[①-⑳]|[*★※#]+)")
_DATE_PREFIX = re.compile(
    r"^(?:(?:截至|截止|截止到|截至到)[^底日末前月]{0,8}?(?:年底|月底|月末|年末|\d日|目前|当前|上月|本月|月)|(?:20\d\d年(?:\d{1,2}月)?(?:底|末|度)?)|目前|当前|现|上报时)(?:的)?"
)
_FORMULA_TAIL = re.compile(r"[(（]?(?:\d{1,2}|[a-z])(?:=[\da-z()+\-*/×÷%]+)?$")
_FILLER = re.compile(r"^(?:其中|包括|含)[:：,、]?")
_PARTICLE = re.compile(r"^(?:所|该|各|本)")
_LATIN = re.compile(r"^[a-z.,'/&-]{2,}(?=[\u4e00-\u9fff])|(?<=[\u4e00-\u9fff])[a-z.,'/&-]{2,}$")
"""A foreign word before or after a header's own."""
_COUNTED = re.compile(
    r"(?:单位|企业|主体|部门|项目|合同|线索|人员|户|家|个|笔|件|项|宗|份|次|人|天|月)(?:个)?(?:数|数量|总数)$"
)
"""A number of things, which no wording for amounts may claim (排查单位数)."""
_QUALIFIED = re.compile(
    r"虚假|不实|虚报|瞒报|漏报|少报|多报|核减|核增|剔除|差异|误差|抽查|目标|同期|同比|预算|批复|考核"
)
"""Words that make something else of an amount or a number: 虚假清偿金额 was never repaid."""
_SUFFIX = re.compile(r"(?:基本情况|基本信息|相关信息|信息|情况|明细|概况|(?<=方)面)$")
_SAME_AS_PARENT = {"合计", "小计", "总计", "金额", "总额", "计", "总金额", "数额", "全部", "总数", "金额合计", ""}
# A single wrong character that turns a header into its opposite is no slip of the pen.
_NEVER_FUZZY = set("已未有无不非被应付欠还前后本累年月周日时金数率人方甲乙债务权县市区省工原因号")


class Meaning(msgspec.Struct, frozen=True):
    """A field a header may mean; `rule` tells how it was found, `rank` orders rivals for one field (small wins)."""

    field: str
    rule: str
    rank: int


@lru_cache(maxsize=8192)
def core(text: str) -> str:
    """A header without brackets, units, stars, ordinals, date prefixes and fillers, in normal form.

    Each step stops as soon as the lexicon knows the text, so that no word is cut that belongs to a header.
    """
    leaves = lexicon().leaves
    flat = _BRACKETS.sub("", re.sub(r"[:“”\"]", "", _UNIT_LABEL.sub("", plain(text)))).strip("*★※#、,;。()（）")
    for step in (_ORDINAL, _FILLER, _DATE_PREFIX, _FILLER, _PARTICLE):
        if flat in leaves or part_of(flat):
            return flat
        flat = step.sub("", flat)
    own = _LATIN.sub("", flat)
    if own in leaves:
        return own  # Debtor 债务人
    cut = _UNIT_TAIL.sub("", flat)
    for guess in (cut, _FORMULA_TAIL.sub("", cut), _FORMULA_TAIL.sub("", cut).translate(lexicon().lookalikes)):
        if guess in leaves:
            return guess
    if flat in leaves or len(cut) < 2:
        return "" if flat in ("元", "万元", "亿元", "千元", "百万元", "%", "人民币") else flat
    return cut


def brackets(text: str) -> tuple[str, ...]:
    """What stands in brackets in a header, units aside, in normal form."""
    found = (b.strip(":") for b in _BRACKETS.findall(plain(text)))
    return tuple(b for b in found if b and in_header(f"({b})") is None)


def group_of(text: str) -> str | None:
    """The side or subject a parent header names: the longest group word it holds (被拖欠企业 before 拖欠)."""
    for word, group in lexicon().groups:
        if word in text:
            return group
    return None


def groups_of(text: str) -> list[str]:
    """All sides or subjects a parent header names, by the longest word first; nothing beside what others owe us."""
    found = list(dict.fromkeys(group for word, group in lexicon().groups if word in text))
    return ["receivable"] if "receivable" in found[:1] else found


def split_group(text: str) -> list[tuple[str, str]]:
    """Every (group, rest) where the header starts with a group word, longest word first."""
    return [
        (g, text[len(w) :].lstrip("的之/-_")) for w, g in lexicon().groups if text.startswith(w) and len(text) > len(w)
    ]


def is_header_word(text: str) -> bool:
    """Whether a cell reads like a header by itself; a label with a colon (填报单位：) is none."""
    if len(text) > 60 or text.rstrip().endswith((":", "：")):
        return False
    return _is_header_core(core(text))


@lru_cache(maxsize=8192)
def _is_header_core(leaf: str) -> bool:
    lex = lexicon()
    if not leaf:
        return False
    if leaf in lex.leaves or _SUFFIX.sub("", leaf) in lex.leaves or part_of(leaf) or leaf in _SAME_AS_PARENT:
        return True
    if any((g, rest) in lex.under for g, rest in split_group(leaf)) or by_pattern(leaf, ""):
        return True
    return bool(
        re.fullmatch(
            r"(?:20\d\d年)?(?:\d{1,2}|[一二三四五六七八九十]{1,2})月(?:份)?(?:计划.*)?|第?[一二三四1-4]季度.*", leaf
        )
    )


def meanings(path: tuple[str, ...], header_map: dict[str, str]) -> tuple[Meaning, ...]:
    """All canonical fields a header path may mean, best first; empty when nothing in the lexicon fits.

    `header_map` is the source's own (header or joined path, or either in normal form, to a field name).
    """
    mapped = _from_map(path, header_map)
    if mapped is not None:
        return mapped
    cores = [core(p) for p in path]
    extra = brackets(path[-1]) if path else ()
    counted = _COUNT_UNIT.match(plain(path[-1])) if len(cores) > 1 else None
    if counted is not None:
        cores[-1] = counted[1] + "数"  # 拖欠 | （笔） （万元）: a column of counts beside one of amounts
    while len(cores) > 1 and not cores[-1]:
        cores.pop()
    if not cores or not cores[-1]:
        return ()
    leaf, parents = cores[-1], [c for c in cores[:-1] if c]
    out: list[Meaning] = []

    def add(field: str | None, rule: str, rank: int) -> None:
        if field and all(m.field != field for m in out):
            out.append(Meaning(field=field, rule=rule, rank=rank))

    for note in extra:
        for field in lexicon().words.get(leaf + note, ()):
            add(field, "bracket_word", 0)
    for meaning in _by_parents(leaf, parents, extra):
        add(*meaning)
    for meaning in _by_itself(leaf, parents):
        add(*meaning)
    if "无分歧" in path[-1] and re.search(r"(?<!无)有分歧", path[-1]):
        add("disputed", "choices", 50)  # 账款性质（无分歧、有分歧）
    for note in extra:
        inner = core(note)
        for field in lexicon().words.get(inner, ()):
            add(field, "bracket", 300)
    if not out and len(path) > 1 and len(cores) < len(path) and in_header(f"({path[-1]})"):
        for meaning in _by_parents("金额", cores, ()):
            add(*meaning)
    if not out:  # a wording we know the shape of says more than a word one character away (发生时间, 发布时间)
        for field in by_pattern(leaf, parents[-1] if parents else ""):
            add(field, "pattern", 500)
    if not out:
        for field, rule, rank in _nearly(leaf):
            add(field, rule, rank)
    return tuple(out)


def _from_map(path: tuple[str, ...], header_map: dict[str, str]) -> tuple[Meaning, ...] | None:
    """The source's own mapping: None when it says nothing, empty when it says to leave the column (`-`)."""
    if not header_map or not path:
        return None
    known = {plain(k): v for k, v in header_map.items()}
    for key in ("/".join(path), path[-1]):
        field = known.get(plain(key))
        if field is None:
            continue
        return () if field in ("-", "") else (Meaning(field=field, rule="header_map", rank=-1000),)
    return None


def _by_parents(leaf: str, parents: list[str], extra: tuple[str, ...]) -> list[tuple[str, str, int]]:
    lex = lexicon()
    out: list[tuple[str, str, int]] = []
    bare = _SUFFIX.sub("", leaf) or leaf
    for depth, parent in enumerate(reversed([*parents])):
        for k, named in enumerate(groups_of(parent)):
            under = [lex.under[(named, text)] for text in dict.fromkeys((leaf, bare)) if (named, text) in lex.under]
            out += [(f, "parent_by_lesser_word" if k else "parent", depth + 2 * k) for f in under]
            if under:
                break
        joined = [_SUFFIX.sub("", parent) + leaf, leaf + _SUFFIX.sub("", parent)]
        out += [(f, "joined", 5 + depth) for j in joined for f in lex.words.get(j, ())]
        base = _money_parent(parent, parents[: len(parents) - 1 - depth])
        if base and leaf in _SAME_AS_PARENT:
            out.append((base, "parent_total", 8 + depth))
        elif base and (part := part_of(leaf)):
            out.append((f"{base.removesuffix('_yuan')}_{part}_yuan", "parent_kind", 9 + depth))
    for note in extra:
        group = group_of(note)
        if group and (group, leaf) in lex.under:
            out.append((lex.under[(group, leaf)], "bracket_side", 2))
        base = next((f for f in lex.words.get(leaf, ()) if lex.fields[f].kind == MONEY), None)
        if base == "arrears_amount_yuan" and group in ("undisputed", "disputed"):
            out.insert(0, (f"{group}_amount_yuan", "bracket_side", 2))
    return out


def _money_parent(parent: str, above: list[str]) -> str | None:
    """The money field a parent header names: 无分歧 below 拖欠金额 is the undisputed amount."""
    lex = lexicon()
    for text in (parent, _SUFFIX.sub("", parent)):
        for field in lex.words.get(text, ()):
            if lex.fields[field].kind == MONEY:
                return field
        for up in reversed(above):
            group = group_of(up)
            below = lex.under.get((group, text)) if group else None
            if below and lex.fields[below].kind == MONEY:
                return below
    return None


def _by_itself(leaf: str, parents: list[str]) -> list[tuple[str, str, int]]:
    lex = lexicon()
    out: list[tuple[str, str, int]] = []
    for text, base in ((leaf, 10), (_SUFFIX.sub("", leaf), 60)):
        if text:
            out += [(f, "word", base + lex.order[(text, f)]) for f in lex.words.get(text, ())]
    for group, rest in split_group(leaf):
        field = lex.under.get((group, rest))
        if field is None and group in ("debtor", "creditor") and rest in lex.sided:
            field = lex.sided[rest][group == "creditor"]  # 债权主体联系人及电话
        if field:
            out.append((field, "group_leaf", 20))
            break
    if leaf in lex.generic and not any(group_of(p) for p in parents):
        out.append((lex.generic[leaf], "generic", 400))
    return out


@lru_cache(maxsize=4096)
def by_pattern(leaf: str, parent: str) -> tuple[str, ...]:
    """What a wording outside the word lists most likely means: the first pattern to fit, alone or below its parent."""
    texts = [leaf] if not parent else [leaf, _SUFFIX.sub("", parent) + leaf]
    for text in texts:
        if len(text) < 3 or len(text) > 24:
            continue
        if _QUALIFIED.search(text):
            return ()
        asks = text.startswith(("是否", "有无"))
        for pattern, field in lexicon().patterns:
            if pattern.search(text) and (not asks or "是否" in pattern.pattern):
                if lexicon().fields[field].kind == MONEY and _COUNTED.search(text):
                    continue
                return (field,)
    return ()


@lru_cache(maxsize=4096)
def _nearly(leaf: str) -> tuple[tuple[str, str, int], ...]:
    """Fields whose word differs in one character (拖欠金颔), when all such words agree and it is no opposite."""
    if len(leaf) < 4:
        return ()
    lex = lexicon()
    found: set[str] = set()
    for word, fields in lex.words.items():
        if len(word) >= 4 and abs(len(word) - len(leaf)) <= 1 and _one_slip(leaf, word):
            found.add(fields[0])
    return ((found.pop(), "fuzzy", 600),) if len(found) == 1 else ()


def _one_slip(a: str, b: str) -> bool:
    if len(a) == len(b):
        differ = [(x, y) for x, y in zip(a, b, strict=True) if x != y]
        return len(differ) == 1 and differ[0][0] not in _NEVER_FUZZY and _is_slip(differ[0])
    long, short = (a, b) if len(a) > len(b) else (b, a)
    for i in range(len(long)):
        if long[:i] + long[i + 1 :] == short:
            # a doubled or dropped character, or a particle; never a word that turns the meaning
            return long[i] not in _NEVER_FUZZY or (i > 0 and long[i] == long[i - 1])
    return False


def _is_slip(pair: tuple[str, str]) -> bool:
    """A substitution counts when the wrong character is not itself the key character of another header."""
    return pair[0] not in _NEVER_FUZZY


@lru_cache(maxsize=256)
def candidates(header: str) -> tuple[str, ...]:
    """Up to three field labels that resemble an unmapped header, for the steward who will teach it."""
    leaf = core(header)
    lex = lexicon()
    scored: list[tuple[float, str]] = []
    pairs = {leaf[i : i + 2] for i in range(len(leaf) - 1)}
    for field in lex.fields.values():
        best = 0.0
        for word in (*field.words[:12], field.label):
            other = {word[i : i + 2] for i in range(len(word) - 1)}
            if pairs and other:
                best = max(best, 2 * len(pairs & other) / (len(pairs) + len(other)))
        if best >= 0.34:
            scored.append((best, field.label))
    scored.sort(key=lambda s: -s[0])
    return tuple(label for _, label in scored[:3])
