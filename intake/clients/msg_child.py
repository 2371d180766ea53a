"""Turns an Outlook .msg on standard input into an RFC 5322 message on standard output.

Run as a process of its own, never imported: the library that reads the format has a licence of
its own kind, and a file made to break it ends this process and nothing else. Status 0 when the
message was written, 1 when it could not be read.
"""

import hashlib
import logging
import os
import random
import resource
import sys
from email import policy
from typing import Any

CPU_S = 60
MEMORY = 2 * 1024**3


def main() -> int:
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # Whatever a library prints must not end up in the message.
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    logging.disable(logging.CRITICAL)
    data = sys.stdin.buffer.read()
    # The same file always gives the same message, boundaries included.
    random.seed(hashlib.sha256(data).digest())
    try:
        import extract_msg

        # A contact or a note has no such rendering and counts as not readable.
        message: Any = extract_msg.openMsg(data)
        with message:
            rendered = message.asEmailMessage().as_bytes(policy=policy.SMTP)
    except Exception as error:
        sys.stderr.write(f"{type(error).__name__}\n")
        return 1
    out.write(rendered)
    out.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
