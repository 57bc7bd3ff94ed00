"""Logs each file that a process touches as a line of JSON. Python loads this module when it starts.

This folder is on PYTHONPATH and NOTEBIND_AUDIT names the log, so workers and children are logged too.
"""

import json
import os
import sys

_LOG = os.open(os.environ["NOTEBIND_AUDIT"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT
_CHANGES = {"os.remove", "os.rmdir", "os.mkdir", "os.truncate", "os.chmod", "os.utime", "os.rename", "os.link"}
_CALLS = {"socket.connect", "socket.bind", "socket.getaddrinfo", "socket.gethostbyname", "os.system"}
_LOCAL = {"socket.connect", "socket.bind"}


def _watch(event, args):
    if event == "open":
        path, _, flags = args
        _say("write" if flags & _WRITES else "read", path)
    elif event in _CHANGES:
        for path in args[:2] if event in ("os.rename", "os.link") else args[:1]:
            # A name relative to an open folder (shutil.rmtree) is meaningless by itself.
            if not isinstance(args[-1], int) or args[-1] == -1:
                _say("write", path)
    elif event == "os.symlink":
        _say("write", args[1])
    elif event == "socket.__new__" and args[1] in (2, 10):
        _say("call", "socket")
    elif event in _CALLS and not (event in _LOCAL and isinstance(args[1], (str, bytes))):
        _say("call", event)


def _say(kind, path):
    if not isinstance(path, int) and path is not None:
        os.write(_LOG, json.dumps([kind, os.path.abspath(os.fsdecode(path))]).encode() + b"\n")


sys.addaudithook(_watch)
