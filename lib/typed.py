"""What was typed on a page whose person had been signed out meanwhile, until they sign in again.

It waits in the browser's session, which signing in carries over. Only forms of ours get so far: the
token against forged requests is asked for first. A browser keeps a signed cookie of who signed in
there last, so that nobody is given what another person typed, and nobody who never signed in has
anything kept.
"""

from __future__ import annotations

from typing import TypeVar

from django.conf import settings
from django.http import HttpRequest, QueryDict
from django.http.response import HttpResponseBase

# How long somebody has for signing in again.
KEPT_SECONDS = 1_800
_MOST_CHARS = 100_000
_KEY = "typed"
_View = TypeVar("_View")


def keeps_typed(view: _View) -> _View:
    """Decorate a view whose GET begins with what `taken` gives it."""
    view.keeps_typed = True  # type: ignore[attr-defined]
    return view


def note_who(request: HttpRequest, response: HttpResponseBase) -> None:
    """Have the browser tell later who was signed in there last."""
    if request.user.is_authenticated and _who(request) != str(request.user.pk):
        response.set_signed_cookie(
            _cookie(),
            str(request.user.pk),
            salt=_KEY,
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )


def keep(request: HttpRequest) -> None:
    """Keep the fields of a form that could not be taken; files are not kept."""
    fields = request.POST.copy()
    fields.pop("csrfmiddlewaretoken", None)
    written, who = fields.urlencode(), _who(request)
    if not written or len(written) > _MOST_CHARS or who is None:
        return
    request.session[_KEY] = {"path": request.path, "fields": written, "who": who}
    request.session.set_expiry(KEPT_SECONDS)


def taken(request: HttpRequest) -> QueryDict | None:
    """What the person typed on the page at this address before signing in, once, or None."""
    kept = request.session.get(_KEY)
    if not kept or kept["path"] != request.path:
        return None
    del request.session[_KEY]
    return QueryDict(kept["fields"]) if kept["who"] == str(request.user.pk) else None


def _who(request: HttpRequest) -> str | None:
    return request.get_signed_cookie(_cookie(), None, salt=_KEY)


def _cookie() -> str:
    return "__Host-signed-in-last" if settings.SESSION_COOKIE_SECURE else "signed-in-last"
