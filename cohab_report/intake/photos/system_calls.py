"""Takes from this process every system call but the few that computing and writing an answer need (seccomp).

Run by its path by `decoder`, without this application. libseccomp knows the numbers of each kind of processor; Debian's
package manager needs it too, so it is there.
"""

import ctypes
import errno
from functools import partial

ALLOWED_CALLS = (
    "write",  # the answer, into a pipe that is open already
    "mmap",
    "munmap",
    "mremap",
    "mprotect",
    "brk",
    "madvise",
    "futex",
    "rseq",
    "set_robust_list",
    "rt_sigaction",
    "rt_sigprocmask",
    "rt_sigreturn",
    "exit",
    "exit_group",
)
"""None opens, reads, connects, signals or begins anything. What is open already is three pipes."""
CLONE_THREAD = 0x10000
"""The flag of `clone` that makes a thread of the same process and nothing else (linux/sched.h)."""
_LIBRARY = "libseccomp.so.2"
_ALLOW, _REFUSE = 0x7FFF0000, 0x00050000  # seccomp.h: SCMP_ACT_ALLOW, SCMP_ACT_ERRNO(0)
_MASKED_EQUAL = 7  # seccomp.h: SCMP_CMP_MASKED_EQ


class _Comparison(ctypes.Structure):
    """`struct scmp_arg_cmp` of seccomp.h."""

    _fields_ = (
        ("arg", ctypes.c_uint),
        ("op", ctypes.c_int),
        ("datum_a", ctypes.c_uint64),
        ("datum_b", ctypes.c_uint64),
    )


def refuse_other_system_calls() -> bool:
    """Makes every system call but ALLOWED_CALLS, and threads, fail with EPERM in this process, for good.

    Returns False when this kernel, or the container around it, offers no such protection, or libseccomp is missing.
    Another kind of calls than the processor's own, such as 32-bit ones, ends the process.
    """
    try:
        library = ctypes.CDLL(_LIBRARY)
    except OSError:
        return False
    library.seccomp_init.restype = ctypes.c_void_p
    filters = ctypes.c_void_p(library.seccomp_init(_REFUSE | errno.EPERM))
    add_rule = partial(_add_rule, library, filters)
    are_added = [
        *(add_rule(_ALLOW, name) for name in ALLOWED_CALLS),
        add_rule(_ALLOW, "clone", _Comparison(0, _MASKED_EQUAL, CLONE_THREAD, CLONE_THREAD)),
        # The C library falls back to `clone` where `clone3`, whose flags no filter can read, does not exist.
        add_rule(_REFUSE | errno.ENOSYS, "clone3"),
    ]
    return all(are_added) and library.seccomp_load(filters) == 0


def _add_rule(
    library: ctypes.CDLL, filters: ctypes.c_void_p, action: int, name: str, comparison: _Comparison | None = None
) -> bool:
    number = library.seccomp_syscall_resolve_name(name.encode())
    pointer = ctypes.byref(comparison) if comparison else None
    error = library.seccomp_rule_add_array(filters, ctypes.c_uint32(action), number, bool(comparison), pointer)
    return bool(error == 0)
