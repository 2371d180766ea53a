"""Form fields drawn without templates, of which each option of a select takes several."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.forms.renderers import DjangoTemplates
from django.http import HttpRequest
from django.template import Context
from django.template.base import render_value_in_context
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe

_WIDGETS = "django/forms/widgets/"
_INPUTS = {
    f"{_WIDGETS}{name}.html"
    for name in ("input", "text", "date", "number", "hidden", "email", "checkbox")
}
_SELECT, _OPTION = f"{_WIDGETS}select.html", f"{_WIDGETS}select_option.html"
_TEXTAREA = f"{_WIDGETS}textarea.html"
_PLAIN = Context()


class FormRenderer(DjangoTemplates):
    """Draws inputs, selects and text areas as Django's templates do, and leaves them the rest."""

    def render(
        self, template_name: str, context: Mapping[str, Any], request: HttpRequest | None = None
    ) -> SafeString:
        widget = context.get("widget")
        if template_name in _INPUTS:
            return mark_safe(_input(widget))  # noqa: S308  (every part is escaped below)
        if template_name == _SELECT and _options_are_plain(widget):
            return mark_safe(_select(widget))  # noqa: S308
        if template_name == _TEXTAREA:
            return mark_safe(_textarea(widget))  # noqa: S308
        return SafeString(super().render(template_name, context, request))  # type: ignore[arg-type]


def _input(widget: Any) -> str:
    value = "" if widget["value"] is None else f' value="{_text(widget["value"])}"'
    kind, name = _shown(widget["type"]), _shown(widget["name"])
    return f'<input type="{kind}" name="{name}"{value}{_attributes(widget["attrs"])}>'


def _textarea(widget: Any) -> str:
    value = _shown(widget["value"]) if widget["value"] else ""
    name = _shown(widget["name"])
    return f'<textarea name="{name}"{_attributes(widget["attrs"])}>\n{value}</textarea>'


def _select(widget: Any) -> str:
    name = _shown(widget["name"])
    parts = [f'<select name="{name}"{_attributes(widget["attrs"])}>']
    for group, options, _index in widget["optgroups"]:
        if group:
            parts.append(f'\n  <optgroup label="{_shown(group)}">')
        parts += [
            f'\n  <option value="{_text(each["value"])}"{_attributes(each["attrs"])}>'
            f"{_shown(each['label'])}</option>"
            for each in options
        ]
        if group:
            parts.append("\n  </optgroup>")
    return f"{''.join(parts)}\n</select>"


def _options_are_plain(widget: Any) -> bool:
    return all(
        each["template_name"] == _OPTION
        for _group, options, _index in widget["optgroups"]
        for each in options
    )


def _attributes(attributes: Mapping[str, Any]) -> str:
    return "".join(
        f" {_shown(name)}" if value is True else f' {_shown(name)}="{_text(value)}"'
        for name, value in attributes.items()
        if value is not False
    )


def _text(value: Any) -> str:
    """As {{ value|stringformat:"s" }}: never with the reader's decimal comma."""
    return conditional_escape(value if isinstance(value, SafeString) else str(value))


def _shown(value: Any) -> str:
    """As {{ value }}."""
    return conditional_escape(value) if isinstance(value, str) else _rendered(value)


def _rendered(value: Any) -> str:
    return str(render_value_in_context(value, _PLAIN))
