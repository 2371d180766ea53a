"""The process that draws: one page after the other from standard input, until it ends."""

from __future__ import annotations

from typing import Any

from lib.mime.child_main import Answer, serve
from lib.mime.limits import Limits
from lib.pictures.draw import draw


def _draw(raw: bytes, request: dict[str, Any], limits: Limits) -> Answer:
    drawn = draw(raw, str(request["type"]), int(request["number"]))
    return {"pages": drawn.pages, "all_pages": drawn.all_pages}, drawn.picture


if __name__ == "__main__":
    serve({"draw": _draw})
