"""Files that hold files: a mail with an attachment, and an archive as Chinese packers write it."""

from __future__ import annotations

import base64
import io
import zipfile

_LINE = 76


def to_mail(*, subject: str, sender: str, to: str, date: str, body: str, name: str, attachment: bytes) -> bytes:
    """A mail as the usual programs send it: headers and body in GBK under the name gb2312, the file's name too."""
    boundary = "----=_NextPart_000_0001"
    lines = [
        f"From: {_word(sender.partition(' ')[0])} {sender.partition(' ')[2]}",
        f"To: {_word(to.partition(' ')[0])} {to.partition(' ')[2]}",
        f"Subject: {_word(subject)}",
        f"Date: {date}",
        "MIME-Version: 1.0",
        f'Content-Type: multipart/mixed; boundary="{boundary}"',
        "",
        f"--{boundary}",
        'Content-Type: text/plain; charset="gb2312"',
        "Content-Transfer-Encoding: base64",
        "",
        *_base64(body.encode("gb18030")),
        f"--{boundary}",
        f'Content-Type: application/octet-stream; name="{_word(name)}"',
        "Content-Transfer-Encoding: base64",
        f'Content-Disposition: attachment; filename="{_word(name)}"',
        "",
        *_base64(attachment),
        f"--{boundary}--",
        "",
    ]
    return "\r\n".join(lines).encode("ascii")


def _word(text: str) -> str:
    """An encoded word (RFC 2047)."""
    return f"=?gb2312?B?{base64.b64encode(text.encode('gb18030')).decode()}?="


def _base64(data: bytes) -> list[str]:
    text = base64.b64encode(data).decode()
    return [text[i : i + _LINE] for i in range(0, len(text), _LINE)]


def to_zip(entries: dict[str, bytes]) -> bytes:
    """A zip without compression whose names are GBK and say so nowhere."""
    stand_ins = {f"{i}".rjust(len(name.encode("gb18030")), "#"): name for i, name in enumerate(entries)}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for stand_in, name in stand_ins.items():
            member = zipfile.ZipInfo(stand_in, date_time=(1980, 1, 1, 0, 0, 0))
            member.create_system = 3
            archive.writestr(member, entries[name])
    data = out.getvalue()
    for stand_in, name in stand_ins.items():
        data = data.replace(stand_in.encode(), name.encode("gb18030"))
    return data
