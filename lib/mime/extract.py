"""One part of a mail, later and on demand."""

from __future__ import annotations

from lib.mime.limits import Limits, Unreadable
from lib.mime.parse import open_mail

_DEFAULT = Limits()


def part_bytes(raw: bytes, path: str, limits: Limits = _DEFAULT) -> bytes:
    """Decoded content of the part at `path` of the mail `raw`: the bytes `Part.sha256` is of.

    Raises `Unreadable` as `parse` does, with the code no_such_part where there is none.
    """
    try:
        for leaf in open_mail(raw, limits).leaves():
            if leaf.path == path:
                return bytes(leaf.data)
    except (Unreadable, MemoryError):
        raise
    except RecursionError:
        raise Unreadable("too_deep", "RecursionError") from None
    except Exception as error:
        raise Unreadable("parser_crashed", type(error).__name__) from error
    raise Unreadable("no_such_part", path[:100])
