"""What was typed on a page whose person had been signed out meanwhile, until they sign in again.

It waits in the browser's session, which signing in carries over. Only forms of ours get so far: the
token against forged requests is asked for first.
"""

from __future__ import annotations

from typing import TypeVar

from django.http import HttpRequest, QueryDict

# How long somebody has for signing in again.
KEPT_SECONDS = 1_800
_MOST_CHARS = 100_000
_KEY = "typed"
_View = TypeVar("_View")


def keeps_typed(view: _View) -> _View:
    """Decorate a view whose GET begins with what `taken` gives it."""
    view.keeps_typed = True  # type: ignore[attr-defined]
    return view


def keep(request: HttpRequest) -> None:
    """Keep the fields of a form that could not be taken; files are not kept."""
    fields = request.POST.copy()
    fields.pop("csrfmiddlewaretoken", None)
    written = fields.urlencode()
    if not written or len(written) > _MOST_CHARS:
        return
    request.session[_KEY] = {"path": request.path, "fields": written}
    request.session.set_expiry(KEPT_SECONDS)


def taken(request: HttpRequest) -> QueryDict | None:
    """What was typed on the page at this address before signing in, once; None for nothing."""
    kept = request.session.get(_KEY)
    if not kept or kept["path"] != request.path:
        return None
    del request.session[_KEY]
    return QueryDict(kept["fields"])
