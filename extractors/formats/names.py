"""What formats are called: extensions that may carry them, and their names in sentences for people."""

from __future__ import annotations

# extension -> the formats (or details) it may honestly hold; an extension not listed here promises nothing
EXTENSIONS: dict[str, tuple[str, ...]] = {
    "txt": ("txt",),
    "text": ("txt",),
    "md": ("txt",),
    "csv": ("csv", "txt"),
    "tsv": ("csv", "txt"),
    "html": ("html",),
    "htm": ("html",),
    "shtml": ("html",),
    "mht": ("mht",),
    "mhtml": ("mht",),
    "pdf": ("pdf",),
    "docx": ("docx",),
    "docm": ("docx",),
    "dotx": ("docx",),
    "xlsx": ("xlsx",),
    "xlsm": ("xlsx",),
    "xltx": ("xlsx",),
    "doc": ("doc",),
    "wps": ("doc", "wps"),
    "xls": ("xls",),
    "et": ("xls", "et"),
    "ofd": ("ofd",),
    "rtf": ("rtf",),
    "eml": ("eml",),
    "zip": ("zip",),
    "rar": ("rar",),
    "7z": ("7z",),
    "xml": ("xml", "xmlss", "wordml", "flatopc", "html"),
    "png": ("image",),
    "jpg": ("image",),
    "jpeg": ("image",),
    "tif": ("image",),
    "tiff": ("image",),
    "bmp": ("image",),
    "ppt": ("ppt",),
    "pptx": ("pptx",),
}

_LABELS: dict[str, str] = {
    "txt": "纯文本",
    "csv": "分隔文本表格（CSV）",
    "tsv": "分隔文本表格（TSV）",
    "html": "网页（HTML）",
    "mht": "网页存档（MHT）",
    "pdf": "PDF文档",
    "docx": "Word文档（docx）",
    "xlsx": "Excel工作簿（xlsx）",
    "xlsb": "Excel二进制工作簿（xlsb）",
    "doc": "旧版Word文档（doc）",
    "wps": "WPS文字文档（wps）",
    "xls": "旧版Excel工作簿（xls）",
    "et": "WPS表格（et）",
    "ofd": "OFD版式文档",
    "rtf": "RTF文档",
    "eml": "电子邮件（eml）",
    "zip": "ZIP压缩包",
    "rar": "RAR压缩包",
    "7z": "7z压缩包",
    "gz": "GZIP压缩包",
    "image": "图片",
    "xml": "XML文件",
    "xmlss": "Excel 2003 XML表格",
    "wordml": "Word 2003 XML文档",
    "flatopc": "Word XML文档",
    "odt": "ODT文档",
    "ods": "ODS表格",
    "ppt": "PowerPoint演示文稿",
    "pptx": "PowerPoint演示文稿",
    "program": "可执行程序",
    "database": "数据库文件",
    "ole": "OLE复合文档",
    "works": "Microsoft Works文档",
}

_ADVICE: dict[str, str] = {
    "doc": "请用WPS或Word另存为docx后重新报送",
    "rtf": "请用WPS或Word另存为docx后重新报送",
    "wordml": "请用Word另存为docx后重新报送",
    "flatopc": "请用Word另存为docx后重新报送",
    "odt": "请另存为docx后重新报送",
    "xls": "请用WPS或Excel另存为xlsx后重新报送",
    "xlsb": "请用Excel另存为xlsx后重新报送",
    "xmlss": "请用Excel另存为xlsx后重新报送",
    "ods": "请另存为xlsx后重新报送",
    "rar": "请改用ZIP压缩，或解压后逐个报送其中的文件",
    "gz": "请改用ZIP压缩，或解压后逐个报送其中的文件",
}


def label_of(kind: str, detail: str = "") -> str:
    """A format's name for people."""
    return _LABELS.get(detail) or _LABELS.get(kind) or kind


def advice_for(kind: str) -> str:
    """What to do with a file of a format that cannot be read."""
    return _ADVICE.get(kind, "请核对后改用docx、pdf或xlsx格式重新报送")
