"""Words of RTF 1.9.1 as far as they decide what is read: destinations, special characters, character sets."""

from __future__ import annotations

_SKIPPED = """
fonttbl colortbl stylesheet listtable listoverridetable revtbl rsidtbl pict themedata colorschememapping datastore
latentstyles filetbl xmlnstbl generator nonesttables shprslt nonshppict fldinst sp sn sv objdata objclass objname
bkmkstart bkmkend pgdsctbl xe tc tcn rxe pgptbl wgrffmtfilter background mmathPr private1 datafield ftnsep ftnsepc
ftncn aftnsep aftnsepc aftncn blipuid picprop atnid atnauthor atntime atndate atnref atnparent atrfstart atrfend
template userprops operator passwordhash oldpprops oldcprops ffname ffdeftext fldtype leveltext levelnumbers
pnseclvl pntxta pntxtb protusertbl
"""
SKIPPED = frozenset(_SKIPPED.split())
"""Destinations without text of the document."""

_ENTERED = "shpinst shppict nesttableprops shptxt do dptxbxtext ud moMath mmath mr mt pn pntext listtext"
ENTERED = frozenset(_ENTERED.split())
"""Destinations written with \\* that are read all the same; every other one is passed over, as the format demands."""

CHARACTERS = {
    "tab": "\t", "line": "\n", "emdash": "—", "endash": "–", "lquote": "‘", "rquote": "’", "ldblquote": "“",
    "rdblquote": "”", "bullet": "•", "emspace": "\u3000", "enspace": " ", "qmspace": " ", "lbr": "\n",
}  # fmt: skip
SYMBOLS = {"~": " ", "_": "-", "{": "{", "}": "}", "\\": "\\", "-": "", ":": "", "|": ""}

CHARSETS = {
    0: "cp1252", 128: "cp932", 129: "cp949", 134: "gb18030", 136: "cp950", 161: "cp1253", 162: "cp1254",
    163: "cp1258", 177: "cp1255", 178: "cp1256", 186: "cp1257", 204: "cp1251", 222: "cp874", 238: "cp1250",
    254: "cp437",
}  # fmt: skip
"""\\fcharset numbers; 1 (default) and 2 (symbol) have no code page."""

PAGES = {936: "gb18030", 54936: "gb18030", 65001: "utf-8"}


def codec_of(page: int) -> str:
    """The codec of \\ansicpg; Chinese where the page is unknown."""
    import codecs

    if page in PAGES:
        return PAGES[page]
    try:
        return codecs.lookup(f"cp{page}").name
    except LookupError:
        return "gb18030"


def decoded(raw: bytes, font: str | None, default: str) -> str:
    """Bytes of a run; the font's own code page first, then the document's: Latin fonts often carry Chinese bytes."""
    if raw.isascii():
        return raw.decode("ascii")
    order = [font or default, default, "gb18030", "cp1252"]
    if font == "cp1252" and default in ("gb18030", "cp950", "cp932", "cp949", "utf-8"):
        order = [default, "cp1252"]
    for codec in order:
        try:
            return raw.decode(codec)
        except UnicodeDecodeError:
            continue
    return raw.decode(order[0], "replace")
