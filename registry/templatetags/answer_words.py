"""Words for what stops a letter from leaving by e-mail."""

from __future__ import annotations

from collections.abc import Mapping

from django import template
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from lib.sensitive import Sensitive, find_sensitive
from registry.models import Answer
from registry.rules.outgoing import Stop, Stopped

register = template.Library()

_STOPS: Mapping[Stop, Promise] = {
    Stop.EXEMPT: _("The letter is exempt from public access, so it may not be sent by e-mail."),
    Stop.ANSWERS_EXEMPT: _("What is exempt from public access is not answered by e-mail."),
    Stop.SENSITIVE: _("Something sensitive stands in it, so it may not be sent by e-mail."),
    Stop.TOO_LONG: _("It is too long to be looked through."),
    Stop.FILES_UNCHECKED: _("Nobody has looked through the attachments yet."),
    Stop.NO_ADDRESS: _("There is no e-mail address to write to."),
}

_KINDS: Mapping[Sensitive, Promise] = {
    Sensitive.IDENTITY_NUMBER: _("identity number"),
    Sensitive.HEALTH: _("health"),
    Sensitive.PROTECTED_ADDRESS: _("protected address"),
    Sensitive.OTHER_CATEGORY: _("sensitive category"),
}

_SHOWN = 5


@register.filter
def stop_sentence(stopped: Stopped) -> str:
    """Why it may not leave by e-mail."""
    return str(_STOPS[stopped.why])


@register.filter
def what_instead(stopped: Stopped) -> str:
    """What to do about it."""
    if stopped.why is Stop.FILES_UNCHECKED:
        return str(_("Look through them and say so below them, or remove them."))
    if stopped.why is Stop.SENSITIVE:
        return str(_("Write it in other words, or send it by letter post."))
    return str(_("Send it by letter post."))


@register.filter
def sensitive_words(answer: Answer) -> list[dict[str, str]]:
    """The words that stop it, with what they tell of; the first few."""
    found = []
    for text in (answer.heading, answer.text):
        found += [
            {"words": text[each.start : each.end], "kind": str(_KINDS[each.kind])}
            for each in find_sensitive(text)
        ]
    return found[:_SHOWN]
