"""What the kernel takes away from a child before it reads a file: network, other processes, writing elsewhere.

Every protection is asked for, none is required: containers and old kernels refuse some of them. `enter` returns the
names of those granted, so that the parent can say what is missing. All of it is Linux; elsewhere nothing is granted.

* `user_namespace`, `network_namespace`: unshare(2), an empty network stack, and no capabilities left;
* `no_new_privs`, `parent_death`: prctl(2);
* `landlock`: landlock(7), writing only below the child's own temporary folder and to /dev/null;
* `seccomp`: seccomp(2), no sockets, no new processes, no programs, no calls that change the system.
"""

from __future__ import annotations

import ctypes
import os
import platform
import signal
import struct
import sys

_CLONE_NEWUSER = 0x10000000
_CLONE_NEWNET = 0x40000000
_PR_SET_PDEATHSIG = 1
_PR_SET_SECCOMP = 22
_PR_SET_NO_NEW_PRIVS = 38
_CAPABILITY_VERSION_3 = 0x20080522

# landlock(7): system calls have the same number on every architecture
_LANDLOCK_CREATE_RULESET, _LANDLOCK_ADD_RULE, _LANDLOCK_RESTRICT_SELF = 444, 445, 446
_LANDLOCK_WRITE = 1 << 1
# removing and making files of every kind (bits 4 to 12), then refer (ABI 2) and truncate (ABI 3)
_LANDLOCK_CHANGE = sum(1 << bit for bit in range(4, 13))
_LANDLOCK_REFER, _LANDLOCK_TRUNCATE = 1 << 13, 1 << 14
_LANDLOCK_SCOPES = 0b11  # ABI 6: abstract sockets and signals stay inside

_EPERM, _ENOSYS = 1, 38
_SECCOMP_ALLOW, _SECCOMP_ERRNO, _SECCOMP_KILL = 0x7FFF0000, 0x00050000, 0x80000000
_CLONE_THREAD = 0x00010000
_X32_BIT = 0x40000000


class _Calls:
    """System call numbers of one architecture: `audit` its AUDIT_ARCH word."""

    def __init__(self, audit: int, system: tuple[int, ...], start: tuple[int, ...], clone: int) -> None:
        self.audit = audit
        self.system = system  # always refused
        self.start = start  # refused unless processes are allowed
        self.clone = clone


_CLONE3 = 435
# system: socket, ptrace, pivot_root, chroot, mount, umount2, swapon, reboot, init_module, delete_module, kexec_load,
# add_key, request_key, keyctl, unshare, perf_event_open, setns, process_vm_readv, process_vm_writev, finit_module,
# bpf, userfaultfd, io_uring_setup; start: fork, vfork, execve, execveat
_ARCHITECTURES = {
    "x86_64": _Calls(
        0xC000003E,
        (
            41,
            101,
            155,
            161,
            165,
            166,
            167,
            169,
            175,
            176,
            246,
            *(248, 249, 250, 272, 298, 308, 310, 311, 313, 321, 323, 425),
        ),
        (57, 58, 59, 322),
        56,
    ),
    "aarch64": _Calls(
        0xC00000B7,
        (
            198,
            117,
            41,
            51,
            40,
            39,
            224,
            142,
            105,
            106,
            104,
            *(217, 218, 219, 97, 241, 268, 270, 271, 273, 280, 282, 425),
        ),
        (221, 281),
        220,
    ),
}


def enter(writable: str, *, parent: int, allow_processes: bool) -> tuple[str, ...]:
    """Give up what parsing does not need; must run before threads start. Returns the protections granted.

    `writable` is the one folder the process may go on writing to; `parent` the process that must be alive, else
    the caller is ended by SystemExit.
    """
    if not sys.platform.startswith("linux"):
        return ()
    libc = ctypes.CDLL(None, use_errno=True)
    granted: list[str] = []
    if libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET) == 0:
        granted += ["user_namespace", "network_namespace"]
        _drop_capabilities(libc)
    # after unshare: a change of credentials clears the parent-death signal
    if libc.prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0) == 0:
        granted.append("parent_death")
    if os.getppid() != parent:
        raise SystemExit("the parent process is gone")
    if libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0:
        granted.append("no_new_privs")
        if _restrict_writing(libc, writable):
            granted.append("landlock")
        if _filter_calls(libc, allow_processes=allow_processes):
            granted.append("seccomp")
    return tuple(granted)


def _drop_capabilities(libc: ctypes.CDLL) -> None:
    """A new user namespace hands out every capability inside it; give them back."""
    header = ctypes.create_string_buffer(struct.pack("=Ii", _CAPABILITY_VERSION_3, 0))
    libc.capset(header, ctypes.create_string_buffer(24))


def _restrict_writing(libc: ctypes.CDLL, writable: str) -> bool:
    """Landlock: from now on only `writable` and /dev/null can be written to. False when the kernel has none."""
    version = libc.syscall(_LANDLOCK_CREATE_RULESET, None, ctypes.c_size_t(0), 1)
    if version < 1:
        return False
    rights = _LANDLOCK_WRITE | _LANDLOCK_CHANGE
    rights |= (_LANDLOCK_REFER if version >= 2 else 0) | (_LANDLOCK_TRUNCATE if version >= 3 else 0)
    attributes = struct.pack("=Q", rights)
    if version >= 6:
        attributes = struct.pack("=QQQ", rights, 0, _LANDLOCK_SCOPES)
    ruleset = libc.syscall(
        _LANDLOCK_CREATE_RULESET, ctypes.create_string_buffer(attributes), ctypes.c_size_t(len(attributes)), 0
    )
    if ruleset < 0:
        return False
    try:
        files_only = rights & (_LANDLOCK_WRITE | _LANDLOCK_TRUNCATE)
        for path, allowed in ((writable, rights), (os.devnull, files_only)):
            spot = os.open(path, os.O_PATH | os.O_CLOEXEC)
            try:
                rule = ctypes.create_string_buffer(struct.pack("=Qi", allowed, spot))
                if libc.syscall(_LANDLOCK_ADD_RULE, ruleset, 1, rule, 0) != 0:
                    return False
            finally:
                os.close(spot)
        return bool(libc.syscall(_LANDLOCK_RESTRICT_SELF, ruleset, 0) == 0)
    finally:
        os.close(ruleset)


def _filter_calls(libc: ctypes.CDLL, *, allow_processes: bool) -> bool:
    """Install the seccomp filter; False on an architecture we have no numbers for, or when refused."""
    calls = _ARCHITECTURES.get(platform.machine())
    if calls is None:
        return False
    program = _program(calls, allow_processes=allow_processes)
    code = ctypes.create_string_buffer(program, len(program))
    # struct sock_fprog: length in instructions, padding, pointer
    header = ctypes.create_string_buffer(struct.pack("@HP", len(program) // 8, ctypes.addressof(code)))
    return bool(libc.prctl(_PR_SET_SECCOMP, 2, header, 0, 0) == 0)


def _program(calls: _Calls, *, allow_processes: bool) -> bytes:
    """The classic BPF program: refuse the listed calls, let threads start, allow the rest."""
    load, jump_equal, jump_at_least, jump_bits, give = 0x20, 0x15, 0x35, 0x45, 0x06
    refuse = (give, 0, 0, _SECCOMP_ERRNO | _EPERM)
    steps: list[tuple[int, int, int, int]] = [
        (load, 0, 0, 4),  # architecture
        (jump_equal, 1, 0, calls.audit),
        (give, 0, 0, _SECCOMP_KILL),
        (load, 0, 0, 0),  # call number
    ]
    if calls.audit == _ARCHITECTURES["x86_64"].audit:
        steps += [(jump_at_least, 0, 1, _X32_BIT), refuse]
    for number in calls.system + (() if allow_processes else calls.start):
        steps += [(jump_equal, 0, 1, number), refuse]
    if not allow_processes:
        # clone3 hides its flags behind a pointer: say "not there", and the C library falls back to clone
        steps += [(jump_equal, 0, 1, _CLONE3), (give, 0, 0, _SECCOMP_ERRNO | _ENOSYS)]
        steps += [(jump_equal, 0, 3, calls.clone), (load, 0, 0, 16), (jump_bits, 1, 0, _CLONE_THREAD), refuse]
    steps.append((give, 0, 0, _SECCOMP_ALLOW))
    return b"".join(struct.pack("=HBBI", *step) for step in steps)
