"""Names of units made full: 市财政局 in a paper of 吕梁市 is 吕梁市财政局; 人行X支行 is 中国人民银行X支行.

Order of trust (each step only where the one before says nothing): names the paper defines itself, national organs,
region or level words in front, the region of the list it stands in (市国资委、财政局), the paper's own region for a
bare organ word. A collective (各县（市、区）), a local merged bureau and a name with no known region stay unresolved.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable
from functools import cache, lru_cache
from typing import Literal

import msgspec

from extractors.resolve.organs import LEVEL_WORDS, Function, Word, full_suffix, organs
from extractors.resolve.regions import Region, registry

UnitKind = Literal[
    "organ", "government", "court", "procuracy", "party", "association", "office", "zone", "vertical", "national",
    "company", "group", "department",
]  # fmt: skip

_PLATE = re.compile(r"\(([^()]*)\)$")
_COLLECTIVE = re.compile(
    r"^[省市县区州盟旗]直(?:各|有关|相关|部门|单位)|^(?:各|有关|相关|其|其他|以上|上述|所有|全体)|(?:成员单位|有关部门|相关部门|各部门|各单位|企业|机关)$|^(?:县\(市|区\(|市县|县市(?!场)|县区|区县|乡镇|乡\(|镇\(|旗县|开发区$|街道$|园区$)"
)
_COMPANY = re.compile(r"(?:有限公司|有限责任公司|股份公司|集团公司|集团|分公司|公司)$")
_OFFICE = re.compile(r"(?:领导小组|工作组|专班|小组|联席会议|指挥部|办公室|办)$")
_ZONE = re.compile(r"(?<!监督)(?:开发区|高新区|经开区|园区|新区|示范区|集聚区|管委会|管理委员会|保税区|试验区|度假区)$")
_BANK = re.compile(
    r"^(?:中国)?(?:人民银行|人行)(?P<place>[\u4e00-\u9fff]{0,12}?)(?P<tail>中心支行|市分行|省分行|分行|支行)$"
)
_REGULATOR = re.compile(
    r"^(?P<place>[\u4e00-\u9fff]{1,12}?)(?P<body>银保监|银监|金融监管)(?P<tail>分局|局|支局|监管分局|监管局)$"
)
_AUTONOMOUS = re.compile(r"自治区|自治州|自治县|自治旗")
_PLAIN_NAME = re.compile(r"[\u4e00-\u9fffA-Za-z0-9·()]+$")
_KINDS: tuple[tuple[str, UnitKind], ...] = (
    ("法院", "court"), ("检察院", "procuracy"), ("人民政府", "government"), ("联合会", "association"),
    ("总工会", "association"),
)  # fmt: skip
_DEFAULT_LOW = "局"
_DEFAULT_PROVINCE = "厅"


class UnitRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the unit registry. `level` is national, province, city, county or None; `region_code` six digits."""

    unit_id: str
    unit_name: str
    level: str | None
    region_code: str | None
    kind: str


class Resolved(msgspec.Struct, frozen=True, gc=False):
    """A unit with its full name. `inferred` says that the region came from the paper and not from the words."""

    name: str
    kind: UnitKind
    region: Region | None
    level: str | None
    inferred: bool = False

    @property
    def unit_id(self) -> str:
        """Stable from night to night: a hash of the name with the whole path of its region."""
        path = registry().full_name(self.region) if self.region is not None else ""
        return unit_id(path, self.name)

    def record(self) -> UnitRecord:
        """Its line in the registry."""
        return UnitRecord(
            unit_id=self.unit_id, unit_name=self.name, level=self.level, kind=self.kind,
            region_code=self.region.code if self.region is not None else None,
        )  # fmt: skip


def unit_id(region_path: str, name: str) -> str:
    """`u_` and twelve hex digits over region path and full name (two 朝阳区财政局 differ by their path)."""
    return "u_" + hashlib.sha256(f"{region_path}|{name}".encode()).hexdigest()[:12]


def plain(words: str) -> str:
    """A unit's words for comparing: NFKC, no white space."""
    return _plain(words) if len(words) <= _NAME else _packed(words)


_NAME = 60  # characters of a name: names come again and again, whole texts do not


@lru_cache(maxsize=8192)
def _plain(words: str) -> str:
    return _packed(words)


def _packed(words: str) -> str:
    narrow = words
    for wide, char in _WIDE:
        narrow = narrow.replace(wide, char)
    if not unicodedata.is_normalized("NFKC", narrow):
        narrow = unicodedata.normalize("NFKC", words)
    return "".join(narrow.split())


# Full-width marks of nearly every paper: without them most texts are in their normal form, which is quick to see.
_WIDE = tuple(zip("，（）：；！？％", ",():;!?%", strict=True))


class UnitResolver:
    """Resolves the unit names of one paper.

    `region` is the paper's own region, `aliases` maps short names defined in it to the words they stand for, `text`
    is searched for fuller forms of a local name (县科工贸局 -> 县科工贸和信息化局) given in `longer`.
    """

    def __init__(
        self, region: Region | None, aliases: dict[str, str] | None = None, longer: Iterable[str] = ()
    ) -> None:
        self.region = region
        self.aliases = dict(aliases or {})
        self.longer = tuple(longer)
        self.house: str | None = None  # the enterprise whose paper this is

    def rest_of(self, words: str) -> str:
        """A name without its region or level words and nameplate: what may be the long form of another."""
        return _PLATE.sub("", self._split(plain(words), None)[1])

    def resolve(self, words: str, inherited: Region | None = None) -> Resolved | None:
        """The full unit, or None where it cannot be known. `inherited` is the region of the list's earlier member."""
        name = plain(words)
        if not name or _COLLECTIVE.search(name):
            return None
        if (plate := _PLATE.search(name)) and plate.start():
            name = name[: plate.start()]
        defined = self.aliases.get(name)
        if defined is not None and defined != name and defined not in self.aliases:
            found = self.resolve(defined, inherited)
            if found is not None:
                return found
        if name[0] in "你贵":
            said = self.aliases.get(name[:2])
            party = self.region_of(said) if said else None
            return self.resolve(party.name + name[2:]) if party is not None and len(name) > 2 else None
        if name in organs().national:
            full = organs().national[name]
            return Resolved(full, "national", None, "national") if full else None
        if special := self._vertical(name):
            return special
        region, rest, explicit = self._split(name, inherited)
        if not rest:
            return self._government(name, region)
        if region is None and explicit:
            return None
        if self.house is not None and (department := _department(rest)) is not None:
            return Resolved(self.house + department, "department", self.region, None, True)
        found = self._named(rest, region, explicit)
        if found is not None:
            return found
        if organs().named_body(rest) is not None or rest in organs().stems:
            return None
        if not explicit:
            return self._free_without_region(name)
        # 平顶山某某开发区: a name that begins with a place's short name is whole as it stands.
        if region is not None and name[0] not in LEVEL_WORDS + "我" and not name.startswith(region.name):
            kept = self._free(rest, region)
            return Resolved(name, kept.kind, region, region.level) if kept is not None else None
        return self._free(rest, region)

    def whole(self, name: str) -> Resolved:
        """The unit of a name known to be whole: as it resolves where that changes nothing, else as it stands."""
        found = self.resolve(name)
        if found is not None and found.name == plain(name):
            return found
        region = self.region_of(name)
        return Resolved(plain(name), kind_of(plain(name)), region, region.level if region is not None else None)

    def candidates(self, words: str) -> tuple[str, ...]:
        """The full names a unit's words can mean where the paper does not say which (朝阳区财政局); at most five."""
        table = registry()
        name = plain(words)
        found, at = table.path_at(name)
        fit = table.within_context(found, "", self.region) if at and at < len(name) else ()
        if len(fit) < 2:
            return ()
        return tuple(table.full_name(r) + name[at:] for r in sorted(fit, key=lambda r: r.code)[:5])

    def region_of(self, words: str, inherited: Region | None = None) -> Region | None:
        """The region that a name states by its own words; None where it states none."""
        region, _, explicit = self._split(plain(words), inherited)
        return region if explicit else None

    def _split(self, name: str, inherited: Region | None) -> tuple[Region | None, str, bool]:
        """Region, the words after it, and whether the name itself stated it."""
        table = registry()
        candidates, at = table.path_at(name)
        if at:
            fit = table.within_context(candidates, "", self.region)
            region = fit[0] if len(fit) == 1 else None
            rest = name[at:]
            # 福建省省工信厅: the level word only repeats the name's own.
            if rest[:1] in LEVEL_WORDS and region is not None and region.name.endswith(rest[:1]):
                rest = rest[1:]
            return region, rest, True
        if m := _AUTONOMOUS.match(name):
            line = table.line(self.region) if self.region is not None else ()
            found = next((r for r in line if r.name.endswith(m.group())), None)
            return found, name[m.end() :], True
        if name[:1] in LEVEL_WORDS and not name.startswith(("区域", "市场", "县域", "省级", "乡村", "旗舰")):
            if self.region is not None:
                return table.level_in(self.region, name[0]), name[1:], True
            return None, name[1:], True
        if name.startswith("我") and name[1:2] in LEVEL_WORDS and self.region is not None:
            return table.level_in(self.region, name[1]), name[2:], True
        return inherited or self.region, name, False

    def _named(self, rest: str, region: Region | None, explicit: bool) -> Resolved | None:
        """An organ of the lexicon; None for other names and where the full name differs from place to place."""
        word = organs().named_body(rest) or organs().of_kind(rest, "stem")
        if word is None or region is None:
            return None
        if word.body is not None:
            tail = _body_name(word, region)
            if tail is None:
                return self._fuller(rest, region)
            kind: UnitKind = word.body.kind  # type: ignore[assignment]
            full = f"{word.body.before}{region.name}{tail}"
            return Resolved(full, kind, region, region.level, not explicit)
        tail = _function_name(word, region)
        if tail is None:
            return self._fuller(rest, region)
        if "部门" in word.suffix and word.function is not None:
            local = self._local_body(word.function, tail)
            if local is not None:
                return Resolved(region.name + local, "organ", region, region.level, True) if local else None
        inferred = not explicit or word.kind == "stem" or "部门" in word.suffix
        return Resolved(region.name + tail, "organ", region, region.level, inferred)

    def _government(self, name: str, region: Region | None) -> Resolved | None:
        """A place that is told to act (唐县要…) stands for its government."""
        if region is None or region.level == "province" or not name.endswith(region.name):
            return None
        return Resolved(f"{region.name}人民政府", "government", region, region.level, True)

    def _local_body(self, function: Function, usual: str) -> str | None:
        """The local organ that holds a field here when the paper names it otherwise than usual.

        工信部门 where the paper speaks of 科工贸和信息化局 is that one; "" when it names one whose full name is
        unknown (国资局); None when nothing speaks against the usual name.
        """
        last = function.full.split("和")[-1]
        merged = [w for w in self.longer if w != usual and w.endswith(last + "局") and len(w) > len(last) + 1]
        merged = [w for w in merged if organs().named_body(w) is None]
        if len(merged) == 1:
            return merged[0]
        stems = tuple(k for k, f in organs().stems.items() if f == function)
        for w in self.longer:
            entry = organs().of_kind(w, "body")
            if w.startswith(stems) and entry is not None and entry.body is not None and entry.body.name is None:
                return ""
        return None

    def _fuller(self, rest: str, region: Region) -> Resolved | None:
        """The one longer name in the paper that this short one abbreviates; itself when it is a full name already."""
        matches = [w for w in self.longer if _abbreviates(rest, w)]
        if len(matches) == 1:
            return Resolved(region.name + matches[0], "organ", region, region.level, True)
        return None

    def _free(self, rest: str, region: Region | None) -> Resolved | None:
        """A free name with its region stated: 县企业服务活动办公室 -> 叶县企业服务活动办公室."""
        if region is None or not _PLAIN_NAME.match(rest) or len(rest) < 4:
            return None
        matches = [w for w in self.longer if w != rest and _abbreviates(rest, w)]
        if len(matches) == 1:
            rest = matches[0]
        return Resolved(region.name + rest, kind_of(rest), region, region.level)

    def _free_without_region(self, name: str) -> Resolved | None:
        """A company or office whose words state no region: companies are whole as they stand."""
        if name.endswith(("有限公司", "有限责任公司", "股份公司")) and len(name) >= 8:
            return Resolved(name, "company", None, None)
        if self.region is not None and not name.endswith(("公司", "企业", "集团")):
            matches = [w for w in self.longer if w != name and _abbreviates(name, w)]
            if len(matches) == 1 or name in self.longer:
                full = matches[0] if len(matches) == 1 else name
                return Resolved(self.region.name + full, kind_of(full), self.region, self.region.level, True)
        return None

    def _vertical(self, name: str) -> Resolved | None:
        """Branches of the central bank and of the financial regulator: their parent is no local government."""
        table = registry()
        if m := _BANK.match(name):
            region = self._place(m.group("place"))
            if region is None:
                return None
            place = region.name if m.group("tail") in ("中心支行", "支行") else m.group("place").removesuffix("市")
            tail = m.group("tail")
            full = "中国人民银行" + (place + tail if m.group("place") else region.name + tail)
            return Resolved(full, "vertical", region, region.level)
        if m := _REGULATOR.match(name):
            region = self._place(m.group("place"))
            if region is None:
                return None
            body = "国家金融监督管理总局" if m.group("body") == "金融监管" else "中国银行保险监督管理委员会"
            short = next(iter(_short(region)), region.name)
            tail = "监管分局" if m.group("tail") in ("分局", "监管分局") else "监管局"
            return Resolved(f"{body}{short}{tail}", "vertical", region, region.level)
        if "分局" in name and name.endswith(("监管局", "监管组", "监管支局")):
            head, tail = name.split("分局", 1)
            parent = self._vertical(head + "分局")
            candidates, at = table.path_at(tail)
            if parent is not None and len(candidates) == 1 and tail[at:]:
                return Resolved(parent.name + tail, "vertical", candidates[0], candidates[0].level)
        return None

    def _place(self, words: str) -> Region | None:
        """The region a branch's place means: its name, its short name, or a level word of the paper."""
        table = registry()
        if not words:
            return self.region
        if words in LEVEL_WORDS:
            return table.level_in(self.region, words) if self.region is not None else None
        found = table.within_context(table.named(words), "", self.region)
        return found[0] if len(found) == 1 else None


def _department(words: str) -> str | None:
    """The department of an enterprise that words name (集团财务部 -> 财务部); None for anything else."""
    bare = re.sub(r"^(?:集团公司|集团总部|集团本部|集团|股份公司|总公司|公司本部|总部|公司)", "", words)
    word = organs().of_kind(bare, "body")
    return bare if word is not None and word.body is not None and word.body.kind == "department" else None


def _short(region: Region) -> tuple[str, ...]:
    from extractors.resolve.regions import short_names

    return short_names(region.name)


def _body_name(word: Word, region: Region) -> str | None:
    body = word.body
    assert body is not None
    if region.level == "city" and body.city_name is not None:
        return body.city_name
    if region.level == "province" and body.province_name is not None:
        return body.province_name
    return body.name


def _function_name(word: Word, region: Region) -> str | None:
    """What follows the region's name: 财政局, 人民政府国有资产监督管理委员会; None where it is not derivable."""
    function = word.function
    if function is None or not function.known:
        return None
    suffix = full_suffix(word.suffix) if word.suffix else None
    if suffix is None:
        suffix = function.suffix or (_DEFAULT_PROVINCE if region.level == "province" else _DEFAULT_LOW)
    prefix = function.prefix if suffix == "委员会" else ""
    return f"{prefix}{function.full}{suffix}"


@cache
def _abbreviates(short: str, full: str) -> bool:
    """Whether `short` is `full` with words left out: same first and last character, all characters in order."""
    if len(short) < 3 or len(full) <= len(short) or short[:2] != full[:2] or short[-1] != full[-1]:
        return False
    rest = iter(full)
    return all(c in rest for c in short)


def kind_of(name: str) -> UnitKind:
    """The kind of a free name by its last words."""
    if name.endswith(("人民政府办公室", "人民政府办公厅")):
        return "government"
    if _COMPANY.search(name):
        return "company"
    if _ZONE.search(name):
        return "zone"
    if _OFFICE.search(name):
        return "office"
    for end, kind in _KINDS:
        if name.endswith(end):
            return kind
    if name.startswith(("中国人民银行", "国家税务总局", "国家金融监督管理总局", "中国银行保险监督管理委员会")):
        return "vertical"
    return "organ"
