"""Who reads a case: the pages in a browser."""

from __future__ import annotations

from django.urls import reverse
from django.utils import timezone

from accounts.rules.roles import Role
from registry.actions.restrict import name_reader, restrict_case


def test_pages_of_readers_break_no_rule_of_axe_and_never_scroll_sideways(
    office, signed_in, live_server, axe
) -> None:
    case = office.town.register(at=timezone.now()).case
    done = {"case_id": case.pk, "reason": "Kjenner saken", "by": "user:1", "at": timezone.now()}
    reader = office.user(Role.CASEWORKER)
    for user in (office.registrar, reader):
        name_reader(user_id=user.pk, **done)
    restrict_case(**done)
    names = ("readers", "restrict", "unrestrict")
    paths = [reverse(f"registry:case-{name}", args=[case.pk]) for name in names]
    paths.append(reverse("registry:case-reader-end", args=[case.pk, reader.pk]))
    paths.append(reverse("registry:case", args=[case.pk]))
    for width, scheme in ((1280, "light"), (320, "dark")):
        page = signed_in(paths[0], width=width, scheme=scheme)
        for path in paths:
            page.goto(live_server.url + path)
            axe(page)
            assert page.evaluate("document.documentElement.scrollWidth") <= width
