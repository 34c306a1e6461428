"""What formats are called in sentences for people, and what to do with those that cannot be read."""

from __future__ import annotations

from extractors.formats import registry

# variants of a format: extension -> the only variant it may honestly hold, and their names
VARIANTS: dict[str, str] = {"mht": "mht", "mhtml": "mht"}
_LABELS: dict[str, str] = {
    "tsv": "分隔文本表格（TSV）",
    "mht": "网页存档（MHT）",
    "wps": "WPS文字文档（wps）",
    "et": "WPS表格（et）",
}

_ADVICE: dict[str, str] = {
    "odt": "请另存为docx后重新报送",
    "xlsb": "请用Excel另存为xlsx后重新报送",
    "ods": "请另存为xlsx后重新报送",
    "rar": "请改用ZIP压缩，或解压后逐个报送其中的文件",
    "gz": "请改用ZIP压缩，或解压后逐个报送其中的文件",
}


def label_of(kind: str, detail: str = "") -> str:
    """A format's name for people."""
    return _LABELS.get(detail) or next((f.label for f in registry.FORMATS if f.kind == kind), kind)


def advice_for(kind: str) -> str:
    """What to do with a file of a format that cannot be read."""
    return _ADVICE.get(kind, "请核对后改用docx、pdf或xlsx格式重新报送")
