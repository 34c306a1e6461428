"""Files embedded in a PDF, handed on as children under the guards of any file."""

from __future__ import annotations

import ctypes

import pypdfium2 as pdfium
import pypdfium2.raw as raw

from extractors.document import Child
from extractors.formats import limits
from extractors.formats.draft import Draft


def embedded_files(pdf: pdfium.PdfDocument, draft: Draft) -> list[Child]:
    """The attachments of a PDF; those over a limit or without data are named in a notice instead."""
    count = raw.FPDFDoc_GetAttachmentCount(pdf.raw)
    found: list[Child] = []
    total = 0
    for k in range(min(count, limits.MAX_EMBEDDED_FILES)):
        handle = raw.FPDFDoc_GetAttachment(pdf.raw, k)
        name = _name(handle) if handle else ""
        size = ctypes.c_ulong(0)
        known = bool(handle) and raw.FPDFAttachment_GetFile(handle, None, 0, ctypes.byref(size))
        if not known or not size.value or total + size.value > limits.MAX_EMBEDDED_BYTES:
            why = "过大" if known and size.value else "没有内容"
            draft.notice(
                "embedded_file_left_out",
                f"文件“{draft.name}”内嵌的第{k + 1}个附件“{name}”{why}，未读取，请另存后单独报送。",
                partial=True,
            )
            continue
        buffer = (ctypes.c_char * size.value)()
        got = ctypes.c_ulong(0)
        raw.FPDFAttachment_GetFile(handle, buffer, size.value, ctypes.byref(got))
        total += size.value
        found.append(Child(name=name or f"附件{k + 1}", how="embedded", data=bytes(buffer)[: got.value]))
    if count > limits.MAX_EMBEDDED_FILES:
        draft.notice(
            "embedded_file_left_out",
            f"文件“{draft.name}”内嵌{count}个附件，只取出前{limits.MAX_EMBEDDED_FILES}个，其余请另存后单独报送。",
            partial=True,
        )
    if found:
        names = "、".join(f"“{c.name}”" for c in found[:5])
        draft.notice("embedded_files", f"文件“{draft.name}”内嵌{len(found)}个附件（{names}），作为单独的文件读取。")
    return found


def _name(handle: object) -> str:
    """The attachment's own name, without folders and control characters."""
    length = raw.FPDFAttachment_GetName(handle, None, 0)
    if length <= 2:
        return ""
    buffer = (ctypes.c_ushort * (length // 2 + 1))()
    raw.FPDFAttachment_GetName(handle, buffer, length)
    text = bytes(buffer)[: length - 2].decode("utf-16-le", "replace")
    return "".join(c for c in text.replace("\\", "/").rpartition("/")[2] if c.isprintable())[: limits.MAX_PART_NAME]
