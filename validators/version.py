"""The version of the audit, told from its own source, so that audits are kept per file and version.

Any change of a rule, a sentence or the runner changes `VALIDATOR_VERSION`, and every file is audited again.
"""

from __future__ import annotations

import hashlib
from pathlib import Path


def source_digest(folder: Path) -> str:
    """The first 16 hexadecimal digits of a SHA-256 over names and contents of the folder's `.py` and `.yml` files.

    Line ends do not count, so that a checkout on another system has the same version.
    """
    digest = hashlib.sha256()
    for path in sorted((*folder.rglob("*.py"), *folder.rglob("*.yml")), key=lambda p: p.relative_to(folder).as_posix()):
        name = path.relative_to(folder).as_posix().encode()
        body = path.read_bytes().replace(b"\r\n", b"\n")
        digest.update(b"%d:%s:%d:" % (len(name), name, len(body)))
        digest.update(body)
    return digest.hexdigest()[:16]


VALIDATOR_VERSION = source_digest(Path(__file__).resolve().parent)
