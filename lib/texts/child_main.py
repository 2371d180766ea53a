"""The process that reads files: one after the other from standard input, until it ends."""

from __future__ import annotations

from typing import Any

from lib.mime.child_main import Answer, serve
from lib.mime.limits import Limits
from lib.texts.formats import MAX_CHARS, text_of


def _text(raw: bytes, request: dict[str, Any], limits: Limits) -> Answer:
    text = text_of(raw, str(request["filename"]))
    return {"cut": len(text) > MAX_CHARS}, text[:MAX_CHARS].encode("utf-8", "replace")


if __name__ == "__main__":
    serve({"text": _text})
