"""A parser child whose parser misbehaves on request: the subject of the mail names the fault."""

from __future__ import annotations

import ctypes
import os
from typing import Any

from lib.mime import child_main
from lib.mime.limits import Limits


def faulty_parse(
    raw: bytes, request: dict[str, Any], limits: Limits
) -> tuple[dict[str, Any], bytes]:
    if b"Subject: spin" in raw:
        while True:
            pass
    if b"Subject: segfault" in raw:
        ctypes.string_at(0)
    if b"Subject: two gigabytes" in raw:
        return {"filled": len(bytearray(2 * 2**30))}, b""
    if b"Subject: exit" in raw:
        os._exit(3)
    if b"Subject: lie" in raw:
        return {"subject": 1}, b""
    if b"Subject: print" in raw:
        os.write(1, b"noise from a library")
    return child_main.HANDLERS["parse"](raw, request, limits)


if __name__ == "__main__":
    child_main.serve({**child_main.HANDLERS, "parse": faulty_parse})
