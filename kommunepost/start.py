"""The first page of whoever comes: the queue of those who triage is there, others are led on."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from intake.views.queue import queue
from kommunepost.context import sections


@require_GET
@never_cache
def start(request: HttpRequest) -> HttpResponse | HttpResponseBase:
    """The first section that the person may open. 403 where there is none."""
    first = next((name for _label, name, _key in sections(request.user)), None)
    if first is None:
        raise PermissionDenied
    return queue(request) if first == "intake:queue" else redirect(first)
