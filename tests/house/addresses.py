"""Every address of the site, as the URL configuration has it, and the page about an object."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver, reverse

from tests.house.rights_world import World


def addresses(
    patterns: list[URLPattern | URLResolver] | None = None, namespace: str = ""
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The name of every address outside the administration, and of its parameters."""
    for each in patterns if patterns is not None else get_resolver().url_patterns:
        if isinstance(each, URLResolver):
            if each.namespace != "admin":
                yield from addresses(each.url_patterns, each.namespace or namespace)
        else:
            name = f"{namespace}:{each.name}" if namespace else str(each.name)
            yield name, tuple(each.pattern.converters)


PARAMETERS = dict(addresses())


def place(world: World, name: str, column: str) -> str:
    """The address of the page about an object."""
    known = world.objects.get(column, {})
    values: dict[str, Any] = {}
    for parameter in PARAMETERS[name]:
        values[parameter] = known.get(parameter, "9" if parameter == "path" else world.nothing)
        assert column == "nothing" or parameter in known, f"{name}: {parameter} of {column}"
    return reverse(name, kwargs=values)
