"""Every screen, as the person whose screen it is: full, empty, refused, light, dark, small, large.

The list of screens comes from the URL configuration: an address without a row in screens.py fails.
"""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from django.contrib import admin
from django.urls import reverse
from django.utils import timezone

from accounts.models import Municipality, User
from accounts.rules.roles import Role
from intake.actions.triage import set_aside
from tests.browser.screens import EMPTY, NO_SCREEN, REFUSED, SCREENS, Visit, filled
from tests.house.addresses import PARAMETERS, place
from tests.house.rights import ADMINISTRATION, URLS
from tests.house.rights_world import build_world

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(900)]


# Width, colours and language: each is seen once, since they hardly meet.
LARGE_LIGHT, SMALL_DARK = (1280, "light", "nb"), (390, "dark", "sv")
LARGE_DARK, SMALL_LIGHT = (1280, "dark", "nn"), (390, "light", "en")


def looks_at(soon: tuple[int, str, str]):
    """One look in each run of the tests, the others when slow."""
    return pytest.mark.parametrize(
        "look",
        [
            pytest.param(
                look, id="-".join(map(str, look)), marks=() if look == soon else pytest.mark.slow
            )
            for look in (LARGE_LIGHT, SMALL_DARK, LARGE_DARK, SMALL_LIGHT)
        ],
    )


# What is wrong with a page, apart from what axe finds: WCAG 2.4.2, 1.3.1, 2.4.7.
SHAPE = """() => {
    const wrong = [], count = selector => document.querySelectorAll(selector).length;
    const seen = e => e.checkVisibility({visibilityProperty: true, opacityProperty: true});
    if (count('main') !== 1) wrong.push('main: ' + count('main'));
    if (count('h1') !== 1) wrong.push('h1: ' + count('h1'));
    else if (!document.querySelector('h1').textContent.trim()) wrong.push('empty h1');
    if (!document.title.trim()) wrong.push('no title');
    for (const e of document.querySelectorAll(
            'a[href], button, input:not([type=hidden]), select, textarea, summary')) {
        if (!seen(e) || e.disabled) continue;
        e.focus({preventScroll: true});
        if (document.activeElement !== e) continue;
        // A row's link is outlined as the row that it opens.
        const outlined = [e, e.closest('.queue-row') ?? e].map(each => getComputedStyle(each)).some(
            s => s.outlineStyle === 'auto'
                || (s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2));
        if (!outlined)
            wrong.push('no outline: ' + e.outerHTML.slice(0, 120));
    }
    return wrong;
}"""
# Controls that cannot be clicked because something else lies over them: WCAG 2.4.11, 1.4.10.
COVERED = """() => {
    const wrong = [];
    const all = document.querySelectorAll('a[href], button, input:not([type=hidden]), select');
    for (const e of all) {
        if (e.closest('[class*=skip-], .visually-hidden')) continue;
        if (!e.checkVisibility({visibilityProperty: true})) continue;
        e.scrollIntoView({block: 'center', inline: 'nearest'});
        const box = e.getClientRects()[0];
        if (!box) continue;
        const x = box.x + box.width / 2, y = box.y + box.height / 2;
        const top = document.elementFromPoint(x, y);
        if (!top || !(e.contains(top) || top.contains(e) || top.closest('label')))
            wrong.push(e.outerHTML.slice(0, 100) + ' under ' + (top && top.outerHTML.slice(0, 60)));
    }
    return wrong;
}"""
# What Django's administration has, and no template of ours reaches without copying a large one. It
# is advice of axe, not of WCAG: a search whose label is a picture with words, which axe overlooks
# beside a line of help.
DJANGOS = {"label-title-only"}
SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def test_every_address_that_is_read_is_a_screen_or_says_why_not() -> None:
    read = {name for name in PARAMETERS if "GET" in URLS[name][1].split()}
    assert set(SCREENS) | set(NO_SCREEN) == read
    assert not set(SCREENS) & set(NO_SCREEN)


@pytest.fixture
def world(transactional_db, settings, tmp_path):
    settings.BLOB_DIR = tmp_path / "blobs"
    settings.PREVIEW_DIR = tmp_path / "previews"
    return build_world()


def forgiven(path: str, rule: str, target: list[str], _words: str) -> bool:
    """Whether this is one of Django's own."""
    return (
        path.startswith("/admin/")
        and rule in DJANGOS
        and (target == ["#searchbar"] or "th" in target[0])
    )


class Looks:
    """Looks at pages in one size and one set of colours, and gathers all that is wrong."""

    def __init__(self, opened, axe, live_server, width, scheme, language):
        self.opened, self.axe, self.base = opened, axe, live_server.url
        self.width, self.scheme, self.language = width, scheme, language
        self.pages, self.titles, self.wrong = {}, {}, []
        User.objects.update(language=language)
        Municipality.objects.update(default_language=language)

    def page(self, user):
        key = user.pk if user else None
        if key not in self.pages:
            self.pages[key] = page = self.opened(self.width, self.scheme, self.language, user)
            page.on(
                "console",
                lambda message: (
                    self.wrong.append((page.url, message.text))
                    if message.type == "error" and "status of" not in message.text
                    else None
                ),
            )
        return self.pages[key]

    def visit(self, user, path, status=200):
        """The page of this address, looked at."""
        page = self.page(user)
        answer = page.goto(self.base + path)
        if answer.status != status:
            self.wrong.append((path, answer.status))
        if urlsplit(page.url).path != urlsplit(path).path:
            self.wrong.append((path, "leads to", page.url))
        self.look(page, path)
        return page

    def look(self, page, path):
        height = page.viewport_size["height"]
        found = [("axe", *each) for each in self.axe(page) if not forgiven(path, *each)]
        page.keyboard.press("Tab")
        found += [("shape", each) for each in page.evaluate(SHAPE)]
        if (lang := page.evaluate("document.documentElement.lang")) != self.language:
            found.append(("lang", lang))
        # Two screens of one name could not be told apart among open tabs: WCAG 2.4.2.
        known = self.titles.setdefault(page.title(), urlsplit(path).path)
        if known != urlsplit(path).path and not path.startswith("/admin/"):
            found.append(("title", page.title(), "is that of", known))
        for size in ((683, 384), (320, 256)):
            page.set_viewport_size({"width": size[0], "height": size[1]})
            if over := page.evaluate(SIDEWAYS):
                found.append(("sideways", size, over))
            if size[0] == 683:
                found += [("covered", each) for each in page.evaluate(COVERED)]
        page.set_viewport_size({"width": self.width, "height": height})
        self.wrong += [(path, *each) for each in found]

    def done(self):
        assert not self.wrong, "\n".join(" ".join(map(str, each)) for each in self.wrong)


@pytest.fixture
def looks(page_at, live_server, violations):
    from django.test import Client

    def opened(width, scheme, language, user):
        page = page_at(width, scheme, locale=language)
        if user is not None:
            client = Client()
            client.force_login(user)
            cookie = client.cookies["sessionid"].value
            page.context.add_cookies(
                [{"name": "sessionid", "value": cookie, "url": live_server.url}]
            )
        return page

    return lambda *look: Looks(opened, violations, live_server, *look)


def column(name: str, visit: Visit) -> str:
    return visit.of or URLS[name][0].columns[0]


@looks_at(LARGE_LIGHT)
def test_every_screen_is_sound_when_it_is_full(world, looks, look):
    filled(world)
    seen = looks(*look)
    for name, visits in SCREENS.items():
        for visit in visits:
            path = place(world, name, column(name, visit)) + visit.query
            seen.visit(world.people[visit.who], path, visit.status)
    seen.done()


EMPTIED = """([given, button]) => {
    const main = document.querySelector('main');
    const pressed = button ? main.querySelector(button)
        : main.querySelector('form[method=post] button[type=submit]');
    const form = pressed.form;
    form.noValidate = true;
    for (const e of form.elements) {
        if (e.name in given) e.value = given[e.name];
        else if (e.matches('[type=checkbox], [type=radio]')) e.checked = false;
        else if (e.matches('select, textarea, [type=text], [type=date]')) e.value = '';
    }
    pressed.click();
}"""


@looks_at(SMALL_DARK)
def test_every_form_that_refuses_is_sound(world, looks, look):
    filled(world)
    seen = looks(*look)
    for name, visit, given, button in REFUSED:
        path = place(world, name, column(name, visit)) + visit.query
        page = seen.page(world.people[visit.who])
        page.goto(seen.base + path)
        with page.expect_navigation() as going:
            page.evaluate(EMPTIED, [given, button])
        if going.value.status != 422 and name != "sign-in":
            seen.wrong.append((path, going.value.status))
        if not page.locator(".error-summary").count():
            seen.wrong.append((path, "no summary"))
        seen.look(page, f"{path} refused")
    seen.done()


@looks_at(SMALL_LIGHT)
def test_every_section_is_sound_when_nothing_is_in_it(office, looks, look):
    leader = office.user(Role.UNIT_LEADER, Role.REGISTRAR)
    seen = looks(*look)
    for name in EMPTY:
        seen.visit(leader, reverse(name))
    seen.done()


@looks_at(LARGE_DARK)
def test_every_answer_that_is_no_page_is_sound(office, looks, look, settings, monkeypatch, caplog):
    caplog.set_level("CRITICAL")
    message = office.mail()
    here = reverse("intake:message", args=[message.pk])
    caseworker = office.user(Role.CASEWORKER)
    seen = looks(*look)
    seen.visit(caseworker, here, 403)
    page = seen.visit(office.registrar, reverse("intake:message", args=[987_654]), 404)

    def send(change, status):
        page.goto(seen.base + here)
        with page.expect_navigation() as going:
            page.evaluate(change)
        if going.value.status != status:
            seen.wrong.append((change, going.value.status))
        seen.look(page, f"{here} {status}")

    press = "document.querySelector('form[action$=register]').requestSubmit();"
    forged = "document.querySelectorAll('[name=csrfmiddlewaretoken]').forEach(e => e.value = 'x');"
    send(f"{forged} {press}", 403)
    settings.DATA_UPLOAD_MAX_NUMBER_FIELDS = 3
    send(press, 400)
    settings.DATA_UPLOAD_MAX_NUMBER_FIELDS = 1000
    page.goto(seen.base + here)
    set_aside(message_id=message.pk, state="spam", reason="", by="user:1", at=timezone.now())
    with page.expect_navigation() as going:
        page.evaluate(press)
    assert going.value.status == 409
    seen.look(page, f"{here} 409")
    monkeypatch.setattr("intake.views.queue.render", None)
    seen.visit(office.registrar, reverse("intake:held"), 500)
    settings.AXES_FAILURE_LIMIT = 1
    page = seen.visit(None, reverse("sign-in"))
    page.fill("#id_username", office.registrar.email)
    page.fill("#id_password", "wrong")
    with page.expect_navigation() as going:
        page.keyboard.press("Enter")
    assert going.value.status == 429
    seen.look(page, "429")
    seen.done()


def administration(all_of_it):
    """The pages of the administration: lists and what may be added; else an object of each, too."""
    yield reverse("admin:index")
    yield reverse("admin:password_change")
    for model in admin.site._registry:
        label = model._meta.label_lower
        name = f"admin:{label.replace('.', '_')}"
        yield reverse(f"{name}_changelist")
        if ADMINISTRATION[label] in ("set", "add"):
            yield reverse(f"{name}_add")
        if all_of_it and (row := model._default_manager.order_by("pk").first()):
            yield reverse(f"{name}_change", args=[row.pk])
            yield reverse(f"{name}_history", args=[row.pk])


@looks_at(LARGE_LIGHT)
def test_the_administration_is_sound(world, looks, look):
    filled(world)
    seen = looks(*look)
    for path in administration(look != (1280, "light", "nb")):
        seen.visit(world.people["administrator"], path)
    seen.done()
