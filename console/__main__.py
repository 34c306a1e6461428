"""`python -m console`: the server, and the audit log's commands."""

from __future__ import annotations

import sys

from console.command import main

sys.exit(main(sys.argv[1:]))
