"""What one child process may use up: settings, and the resource limits made of them.

The numbers follow the promise of the product: 2 GB of address space and 60 seconds a file. The parent enforces the
wall clock; the kernel enforces the rest through `setrlimit(2)`.
"""

from __future__ import annotations

import resource

import msgspec

MIB = 1024 * 1024


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """Limits of one child; sizes in bytes, times in seconds.

    `wall_seconds` and `cpu_seconds` are for one file, and for one page where a reader gives a sign of life after each
    page: recognising a scan takes four to eight seconds a page, so a stamped report of thirty pages is honest work of
    minutes. `total_seconds` bounds a file whatever signs it gives: the readers recognise 60 pages of a file at most,
    which take eight minutes on a processor of their own and a quarter of an hour on a busy one.

    `recycle_tasks` and `recycle_rss_bytes` say when a child that did nothing wrong is replaced by a fresh one.
    A child that has recognised a scan keeps the models and their buffers, some 0.8 GB, and loading them costs three
    seconds: it is only replaced when it holds more than that.
    `allow_processes` lets a parser start helper programs, which the kernel refuses otherwise.
    """

    wall_seconds: float = 60.0
    total_seconds: float = 1800.0
    start_seconds: float = 60.0
    seconds_per_mib: float = 3.0  # more for each MiB of a file above the first: a ledger of a million rows has 150
    cpu_seconds: int = 120  # backstop for one task, should the parent itself be stopped
    memory_bytes: int = 2048 * MIB
    file_bytes: int = 64 * MIB
    open_files: int = 256
    processes: int = 64  # threads count too
    input_bytes: int = 512 * MIB
    output_bytes: int = 256 * MIB
    stderr_bytes: int = 8192
    recycle_tasks: int = 200
    recycle_rss_bytes: int = 1152 * MIB
    allow_processes: bool = False

    def seconds_more(self, size: int) -> float:
        """What a file of `size` bytes may take beyond `wall_seconds`."""
        return self.seconds_per_mib * (max(size, 0) // MIB)


def apply(limits: Limits, *, own_user_namespace: bool) -> None:
    """Put the resource limits on the calling process; they can be lowered later but not raised.

    The number of processes is only limited inside a user namespace of its own: outside, the kernel counts every
    process of the user on the machine, and the limit would fail for reasons that have nothing to do with the file.
    """
    _lower(resource.RLIMIT_CORE, 0)
    _lower(resource.RLIMIT_AS, limits.memory_bytes)
    _lower(resource.RLIMIT_FSIZE, limits.file_bytes)
    _lower(resource.RLIMIT_NOFILE, limits.open_files)
    if own_user_namespace:
        _lower(resource.RLIMIT_NPROC, limits.processes)


def allow_cpu(seconds: int) -> None:
    """Give the calling process `seconds` more of processor time than it has used so far; then SIGXCPU ends it."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    soft = int(used.ru_utime + used.ru_stime) + seconds + 1
    resource.setrlimit(resource.RLIMIT_CPU, (soft if hard == resource.RLIM_INFINITY else min(soft, hard), hard))


def _lower(kind: int, value: int) -> None:
    """Set soft and hard limit to `value`, or to the present hard limit where that is lower."""
    hard = resource.getrlimit(kind)[1]
    value = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(kind, (value, value))
