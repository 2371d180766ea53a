"""What has become of a letter, as a shape and in words."""

from __future__ import annotations

from collections.abc import Mapping

from django import template
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from outbox.models import Fate

register = template.Library()

_SHAPES: Mapping[str, str] = {
    Fate.QUEUED: "waiting",
    Fate.SENDING: "waiting",
    Fate.SENT: "done",
    Fate.RETRY: "soon",
    Fate.FAILED: "failed",
    Fate.UNKNOWN: "unchecked",
    Fate.BOUNCED: "failed",
    Fate.CANCELLED: "paused",
}

_SENTENCES: Mapping[str, Promise] = {
    Fate.QUEUED: _("It leaves when its time has come."),
    Fate.SENDING: _("It is being handed to the mail server."),
    Fate.SENT: _("The mail server has taken it."),
    Fate.RETRY: _("The mail server could not take it now."),
    Fate.FAILED: _("The mail server refused it for good."),
    Fate.UNKNOWN: _("The line broke after it was handed over. It may have arrived."),
    Fate.BOUNCED: _("It was taken, and came back later."),
    Fate.CANCELLED: _("The registration was undone before it left. It was not sent."),
}


@register.filter
def fate_shape(fate: str) -> str:
    """The shape of the chip (components/status_chip.html)."""
    return _SHAPES.get(fate, "info")


@register.filter
def fate_sentence(fate: str) -> str:
    """The state in a sentence."""
    return str(_SENTENCES.get(fate, ""))
