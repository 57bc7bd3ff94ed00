"""Forbids Internet sockets by a kernel rule, which child processes inherit, whether Python or not."""

from __future__ import annotations

import ctypes
import platform
import struct
import sys

SOCKET_CALL = {"x86_64": 41, "aarch64": 198}
"""The number of the system call `socket` by machine."""

CAN_FORBID = sys.platform == "linux" and platform.machine() in SOCKET_CALL

_NO_NEW_PRIVILEGES, _SECCOMP, _FILTER = 38, 22, 2
_LOAD, _IF_EQUAL, _RETURN = 0x20, 0x15, 0x06
_ALLOW, _KILL_PROCESS = 0x7FFF0000, 0x80000000


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("steps", ctypes.c_void_p))


def forbid() -> None:
    """Let the kernel kill this process, or any that it starts, at its first socket of AF_INET or AF_INET6.

    Call this in a child before it runs its program (`preexec_fn`). Raises OSError when the kernel refuses.
    """
    steps = [
        (_LOAD, 0, 0, 0),  # the number of the call
        (_IF_EQUAL, 0, 4, SOCKET_CALL[platform.machine()]),
        (_LOAD, 0, 0, 16),  # its first argument, the family
        (_IF_EQUAL, 1, 0, 2),
        (_IF_EQUAL, 0, 1, 10),
        (_RETURN, 0, 0, _KILL_PROCESS),
        (_RETURN, 0, 0, _ALLOW),
    ]
    packed = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", code, yes, no, k) for code, yes, no, k in steps))
    program = _Program(len(steps), ctypes.cast(packed, ctypes.c_void_p))
    system = ctypes.CDLL(None, use_errno=True)
    if system.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0) or system.prctl(_SECCOMP, _FILTER, ctypes.byref(program), 0, 0):
        raise OSError(ctypes.get_errno(), "the kernel takes no filter")
