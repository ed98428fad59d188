"""A machine -> the program by which its kernel refuses the system calls that no build backend needs.

Namespaces hide files, networks and processes, but leave whole parts of the kernel within reach: the user's keys, sockets
to the hypervisor, memory that no limit counts, and new user namespaces, in which everybody has every right. The filter
closes them. It holds for the program and for all that it starts, and nothing takes it away again.

Source: Linux, `arch/x86/entry/syscalls/syscall_64.tbl` and `include/uapi/asm-generic/unistd.h` (aarch64) for the numbers,
`include/uapi/linux/{audit,bpf_common,seccomp,sched}.h` for the constants; `man 2 seccomp`.
"""

import errno
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

__all__ = ["CALL_NUMBERS", "MACHINES", "CallFilter", "call_filter"]

MACHINES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
"""AUDIT_ARCH of the machines whose numbers are known, by what `uname -m` calls them."""

# Newer calls have the same number everywhere.
CALL_NUMBERS: dict[str, tuple[int | None, int | None]] = {
    # Keys.
    "add_key": (248, 217), "request_key": (249, 218), "keyctl": (250, 219),
    # Namespaces and mounts.
    "setns": (308, 268), "mount": (165, 40), "umount2": (166, 39), "pivot_root": (155, 41), "chroot": (161, 51),
    "open_tree": (428, 428), "move_mount": (429, 429), "fsopen": (430, 430), "fsconfig": (431, 431),
    "fsmount": (432, 432), "fspick": (433, 433), "mount_setattr": (442, 442),
    # Memory that belongs to no process or no file system of ours.
    "shmget": (29, 194), "msgget": (68, 186), "mq_open": (240, 180),
    # Parts of the kernel that have let programs out before.
    "io_uring_setup": (425, 425), "io_uring_enter": (426, 426), "io_uring_register": (427, 427),
    "perf_event_open": (298, 241), "bpf": (321, 280), "userfaultfd": (323, 282), "fanotify_init": (300, 262),
    "modify_ldt": (154, None),
    # Other processes.
    "ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271),
    "pidfd_getfd": (438, 438), "kcmp": (312, 272),
    # The machine.
    "kexec_load": (246, 104), "kexec_file_load": (320, 294), "init_module": (175, 105),
    "finit_module": (313, 273), "delete_module": (176, 106), "reboot": (169, 142), "quotactl": (179, 60),
    "quotactl_fd": (443, 443), "swapon": (167, 224), "swapoff": (168, 225), "acct": (163, 89), "syslog": (103, 116),
    "open_by_handle_at": (304, 265), "lookup_dcookie": (212, 18), "nfsservctl": (180, 42), "iopl": (172, None),
    "ioperm": (173, None), "sethostname": (170, 161), "setdomainname": (171, 162), "settimeofday": (164, 170),
    "clock_settime": (227, 112), "vhangup": (153, 58),
    # Not there at all, so that libraries do without: flags of clone3 and memory files can't be looked into.
    "clone3": (435, 435), "memfd_create": (319, 279), "memfd_secret": (447, 447),
    # Allowed with some arguments.
    "socket": (41, 198), "socketpair": (53, 199), "unshare": (272, 97), "clone": (56, 220),
}  # fmt: skip
"""Their numbers by name, on x86_64 and aarch64."""

_ABSENT = frozenset({"clone3", "memfd_create", "memfd_secret"})
_OF_SOCKETS = ("socket", "socketpair")
_OF_SPACES = ("unshare", "clone")
_FIRST_UNKNOWN = 463
"""What came later may do anything. The calls of x32, a way around the numbers of x86_64, are above it, too."""
_FAMILIES = (1, 2, 10, 16)
"""AF_UNIX, AF_INET, AF_INET6, AF_NETLINK."""
_NEW_SPACES = 0x7E020000
"""CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET."""

# Of seccomp_data, little-endian.
_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT = 0, 4, 16
_LOAD, _IF_EQUAL, _IF_AT_LEAST, _IF_ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _FAIL = 0x7FFF0000, 0x00050000


@dataclass(frozen=True, slots=True, kw_only=True)
class CallFilter:
    """What the guard tells the kernel."""

    program: bytes
    """An array of struct sock_filter."""
    numbers: Mapping[str, int]
    """The numbers of the calls on this machine, by name."""


def call_filter(machine: str) -> CallFilter | None:
    """Return the filter of a machine, as `uname -m` calls it; None where the numbers of its calls aren't known."""
    if machine not in MACHINES:
        return None
    column = list(MACHINES).index(machine)
    numbers = {name: number for name, row in CALL_NUMBERS.items() if (number := row[column]) is not None}
    program = b"".join(struct.pack("=HBBI", *line) for line in _lines(MACHINES[machine], numbers))
    return CallFilter(program=program, numbers=numbers)


_Line = tuple[int, int, int, int]
"""Operation, lines to skip if true, lines to skip if false, operand."""


def _lines(architecture: int, numbers: Mapping[str, int]) -> Iterator[_Line]:
    # A call by the numbers of another architecture (`int 0x80`) would be judged by the wrong ones.
    yield (_LOAD, 0, 0, _ARCHITECTURE)
    yield (_IF_EQUAL, 1, 0, architecture)
    yield (_RETURN, 0, 0, _FAIL | errno.ENOSYS)
    yield (_LOAD, 0, 0, _NUMBER)
    yield (_IF_AT_LEAST, 0, 1, _FIRST_UNKNOWN)
    yield (_RETURN, 0, 0, _FAIL | errno.ENOSYS)
    for name, number in numbers.items():
        if name in _OF_SOCKETS:
            judged = _families()
        elif name in _OF_SPACES:
            judged = _spaces()
        else:
            judged = [(_RETURN, 0, 0, _FAIL | (errno.ENOSYS if name in _ABSENT else errno.EPERM))]
        yield (_IF_EQUAL, 0, len(judged), number)
        yield from judged
    yield (_RETURN, 0, 0, _ALLOW)


def _families() -> list[_Line]:
    last = len(_FAMILIES)
    tests = [(_IF_EQUAL, last - place, 0, family) for place, family in enumerate(_FAMILIES)]
    return [
        (_LOAD, 0, 0, _FIRST_ARGUMENT),
        *tests,
        (_RETURN, 0, 0, _FAIL | errno.EAFNOSUPPORT),
        (_RETURN, 0, 0, _ALLOW),
    ]


def _spaces() -> list[_Line]:
    return [
        (_LOAD, 0, 0, _FIRST_ARGUMENT),
        (_IF_ANY_BIT, 0, 1, _NEW_SPACES),
        (_RETURN, 0, 0, _FAIL | errno.EPERM),
        (_RETURN, 0, 0, _ALLOW),
    ]
