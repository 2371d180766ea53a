"""The pieces that pages are made of, in a real browser: keys, focus, contrast, reflow, print."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace as Plain

import pytest
from django import forms

from tests.browser.samples import RECEIVED, TODAY, RegisterForm, queue_context, shell

# As the real letters have it (the page's own rules are stricter still).
LETTER_CSP = (
    "sandbox allow-same-origin; default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:"
)
LETTER = (
    "<!doctype html><html><head><meta charset='utf-8'></head><body>"
    + "<p>Hei, jeg klager på vedtaket.</p>" * 60
    + "</body></html>"
)
STATES = ["ok", "soon", "today", "over", "paused", "done"]
KINDS = ["ok", "soon", "due", "paused", "done", "exempt", "unchecked", "infected", "info"]
# WCAG 1.4.12: what a reader may set without anything being lost.
TEXT_SPACING = (
    "*{line-height:1.5!important;letter-spacing:.12em!important;word-spacing:.16em!important}"
    "p{margin-bottom:2em!important}"
)


@pytest.fixture
def queue(site, render):
    """The address of a queue of two messages with the first one open."""
    site.add("/letter", LETTER, LETTER_CSP)
    site.add("/queue/2", render("sample_queue.html", **queue_context(2)))
    return site.add("/queue/1", render("sample_queue.html", **queue_context(1)))


@pytest.fixture
def case(site, render):
    """The address of a case that shows every other component."""
    why = Plain(
        sentence="The municipality shall acknowledge what it receives.",
        paragraph="eForvaltningsforskriften § 6",
        steps=[Plain(on=dt.date(2026, 11, 21), text="Saturday, not counted")],
        due_on=TODAY,
    )
    events = [
        Plain(kind="incoming", at=RECEIVED, title="Søknad", number="2026/118-1", url="/e/1"),
        Plain(kind="outgoing", at=RECEIVED, title="Hemmelig tittel", protected=True),
        Plain(kind="note", at=RECEIVED, title="Internal note", text="Seen on site."),
    ]
    context = shell(
        events=events,
        why=why,
        deadlines=[Plain(state=state, on=TODAY) for state in STATES],
        kinds=KINDS,
        printed_at=RECEIVED,
    )
    return site.add("/case", render("sample_case.html", **context))


def active(page) -> str:
    """Id, else tag, of the element that has focus."""
    return page.evaluate("document.activeElement.id || document.activeElement.tagName")


def test_two_keys_take_the_proposed_case_and_register(page_at, queue, site):
    page = page_at(1280)
    page.goto(queue)
    page.keyboard.press("1")
    assert page.is_checked("#case-1")
    assert active(page) == "register-heading"
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/register")
    assert site.posts[0][1]["case"] == ["c118"]


def test_typing_the_letters_of_keys_in_a_field_only_types(page_at, queue):
    page = page_at(1280)
    page.goto(queue)
    page.focus("#id_title")
    page.keyboard.type("j1ezn?")
    assert page.input_value("#id_title") == "j1ezn?"
    assert page.url == queue
    assert page.is_checked("#case-new")


def test_shortcuts_that_are_off_do_nothing_but_ctrl_enter_still_finishes(
    page_at, site, render, queue
):
    off = Plain(language="en", color_scheme="auto", shortcuts=False)
    address = site.add("/off", render("sample_queue.html", **queue_context(1, preferences=off)))
    page = page_at(1280)
    page.goto(address)
    for key in ["j", "1", "e", "z", "?"]:
        page.keyboard.press(key)
    assert page.url == address
    assert page.is_checked("#case-new")
    assert page.locator("dialog[open]").count() == 0
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/register")


def test_key_still_works_after_a_click_in_the_letter(page_at, queue):
    page = page_at(1280)
    page.goto(queue)
    page.frame_locator("iframe").locator("p").first.click()
    page.keyboard.press("j")
    page.wait_for_url("**/queue/2")


def test_g_then_s_goes_to_the_cases_and_s_alone_does_not(page_at, queue, case):
    page = page_at(1280)
    page.goto(queue)
    page.keyboard.press("s")
    assert page.url == queue
    page.keyboard.press("g")
    page.keyboard.press("s")
    page.wait_for_url("**/case")


def test_question_mark_lists_the_keys_of_the_page_and_escape_closes_it(page_at, queue, axe):
    page = page_at(1280)
    page.goto(queue)
    page.keyboard.press("?")
    listed = page.inner_text("#keys-dialog dl")
    assert "Not for the registry" in listed
    assert "Next" in listed
    axe(page)
    page.keyboard.press("Escape")
    assert page.locator("dialog[open]").count() == 0


def test_swap_moves_focus_to_the_new_heading_and_is_announced(page_at, queue):
    page = page_at(1280)
    page.goto(queue)
    page.keyboard.press("j")
    page.wait_for_selector("h1:text('Second')")
    page.wait_for_function("document.activeElement.tagName === 'H1'")
    page.wait_for_function("document.getElementById('status').textContent.includes('2 of 2')")
    assert page.get_attribute("a[aria-current='true']", "href") == "/queue/2"
    # htmx remembers the path it is at, and nothing of the page.
    assert page.evaluate("({...localStorage, ...sessionStorage})") == {
        "htmx-current-path-for-history": "/queue/2"
    }


def test_list_stays_where_it_was_scrolled_when_the_next_message_opens(page_at, site, render, queue):
    def rows(selected):
        return [
            Plain(
                url="/queue/2",
                sender=f"Sender {n}",
                subject=f"Subject {n}",
                received_at=RECEIVED,
                selected=n == selected,
            )
            for n in range(40)
        ]

    site.add("/queue/2", render("sample_queue.html", **queue_context(2, rows=rows(31))))
    page = page_at(1280)
    page.goto(site.add("/long", render("sample_queue.html", **queue_context(1, rows=rows(30)))))
    page.evaluate("document.getElementById('queue-list').scrollTop = 1500")
    page.keyboard.press("j")
    page.wait_for_url("**/queue/2")
    page.wait_for_selector("a[aria-current=true]:text('Subject 31')")
    page.wait_for_function("document.getElementById('queue-list').scrollTop >= 1400")


HIDDEN_PIXELS = """() => { const frame = document.querySelector('iframe');
    return frame.contentDocument.documentElement.scrollHeight - frame.clientHeight }"""


def test_letter_frame_is_as_high_as_its_letter(page_at, queue):
    page = page_at(1280)
    page.goto(queue)
    page.wait_for_function("document.querySelector('iframe').clientHeight > 1000")
    assert page.evaluate(HIDDEN_PIXELS) <= 0


def test_letter_as_high_as_its_window_does_not_grow_without_end(page_at, site, queue):
    site.add("/letter", LETTER.replace("<body>", "<body style='min-height:100vh'>"), LETTER_CSP)
    page = page_at(1280)
    page.goto(queue)
    page.wait_for_function("document.querySelector('iframe').clientHeight > 1000")
    for width in (1300, 1280, 1300, 1280):
        page.set_viewport_size({"width": width, "height": 800})
    assert page.evaluate("document.querySelector('iframe').clientHeight") < 4000


def test_undo_gives_way_once_when_its_time_is_over(page_at, site, render, queue):
    address = site.add("/undo", render("sample_queue.html", **queue_context(1, undo=True)))
    page = page_at(1280)
    page.goto(address)
    assert page.is_visible("[data-undo-open]")
    page.wait_for_selector("[data-undo-over]:visible", timeout=5000)
    assert page.is_hidden("[data-undo-open]")
    page.wait_for_function("document.getElementById('status').textContent.includes('no longer')")


@pytest.mark.parametrize("scripts", [True, False])
def test_error_summary_takes_focus_and_leads_to_the_field(page_at, site, render, scripts):
    form = RegisterForm({"access": "open"})
    address = site.add("/error", render("sample_queue.html", **queue_context(1, form=form)))
    page = page_at(1280, java_script_enabled=scripts)
    page.goto(address)
    assert page.title().startswith("Error:")
    page.wait_for_selector(".error-summary:focus")
    page.click(".error-summary a")
    assert page.locator("#id_title:focus").count() == 1
    assert page.get_attribute("#id_title", "aria-invalid") == "true"
    described = page.get_attribute("#id_title", "aria-describedby").split()
    assert all(page.locator(f"#{name}").count() == 1 for name in described)


def test_password_is_shown_on_demand_and_pasting_is_allowed(page_at, site, render, axe):
    fields = {"username": forms.EmailField(), "password": forms.CharField()}
    form = type("SignIn", (forms.Form,), fields)()
    nobody = Plain(is_authenticated=False)
    context = shell(user=nobody, navigation=[], form=form, next="/queue/1")
    page = page_at(390)
    page.goto(site.add("/sign-in", render("registration/login.html", **context)))
    axe(page)
    page.fill("#id_password", "hemmelig")
    page.click("[data-show-password]")
    assert page.get_attribute("#id_password", "type") == "text"
    page.click("[data-show-password]")
    assert page.get_attribute("#id_password", "type") == "password"


def test_locked_out_says_how_long_and_whom_to_call(page_at, site, render, axe):
    context = shell(
        user=Plain(is_authenticated=False),
        navigation=[],
        cooloff_timedelta=dt.timedelta(minutes=15),
    )
    page = page_at(390)
    page.goto(site.add("/locked", render("registration/locked.html", **context)))
    axe(page)
    assert "15 minutes" in page.inner_text("main")
    assert "70 00 00 99" in page.inner_text("main")
    assert page.locator("input[type=password]").count() == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_components_break_no_rule_of_axe(page_at, queue, case, axe, scheme, width):
    page = page_at(width, scheme)
    for address in [queue, case]:
        page.goto(address)
        axe(page)


@pytest.mark.parametrize("spacing", ["/* as it is */", TEXT_SPACING])
def test_nothing_scrolls_sideways_at_320_pixels(page_at, queue, case, spacing):
    page = page_at(320, height=256, bypass_csp=True)
    for address in [queue, case]:
        page.goto(address)
        page.add_style_tag(content=spacing)
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide == page.evaluate("document.documentElement.clientWidth")


def test_targets_are_24_pixels_and_44_where_the_pointer_is_a_finger(page_at, queue):
    # Links inside a sentence, and the row's link that covers its whole row, are measured as such.
    measure = """least => [...document.querySelectorAll(
        'button, summary, .letter-tools a, .navigation a, .attachments a, .choice')]
        .filter(e => e.getClientRects().length && !e.closest('.attachments, .key-hint'))
        .map(e => [e.textContent.trim().slice(0, 40), e.getBoundingClientRect().height])
        .filter(([, height]) => height < least - 0.5)"""
    fine = page_at(1280)
    fine.goto(queue)
    assert fine.evaluate(measure, 24) == []
    finger = page_at(390, has_touch=True, is_mobile=True)
    finger.goto(queue)
    assert finger.evaluate(measure, 44) == []


def test_print_in_dark_is_black_on_white_without_buttons(page_at, case):
    page = page_at(1280, "dark")
    page.goto(case)
    page.emulate_media(media="print", color_scheme="dark")
    colours = page.evaluate(
        """() => [...document.querySelectorAll('body, body *')]
        .filter(e => e.getClientRects().length && !e.closest('svg'))
        .map(e => { const s = getComputedStyle(e); return s.color + ' on ' + s.backgroundColor })"""
    )
    assert set(colours) <= {
        "rgb(0, 0, 0) on rgba(0, 0, 0, 0)",
        "rgb(0, 0, 0) on rgb(255, 255, 255)",
    }
    assert page.evaluate("getComputedStyle(document.documentElement).backgroundColor") == (
        "rgb(255, 255, 255)"
    )
    assert page.is_visible(".print-mark")
    assert page.locator("button:visible, nav:visible").count() == 0


def test_forced_colours_still_tell_the_selected_row_apart(page_at, queue):
    page = page_at(1280, forced_colors="active")
    page.goto(queue)
    rows = "[...document.querySelectorAll('.queue-row')].map(r => getComputedStyle(r).%s)"
    backgrounds = page.evaluate(rows % "backgroundColor")
    assert backgrounds[0] != backgrounds[1]
    assert backgrounds[0] == page.evaluate(
        "(() => { const e = document.createElement('i'); document.body.append(e);"
        "e.style.forcedColorAdjust = 'none'; e.style.backgroundColor = 'Highlight';"
        "return getComputedStyle(e).backgroundColor })()"
    )
    assert page.evaluate(rows % "color")[0] != backgrounds[0]


def test_protected_title_is_nowhere_on_the_page(page_at, case):
    page = page_at(1280)
    page.goto(case)
    assert "Hemmelig tittel" not in page.content()
    assert "Protected title" in page.content()


def test_reduced_motion_runs_no_animation(page_at, queue):
    page = page_at(1280, reduced_motion="reduce")
    page.goto(queue)
    assert page.evaluate("document.getAnimations().length") == 0


def test_first_tab_is_the_skip_link_and_it_leads_into_main(page_at, queue):
    page = page_at(1280)
    page.goto(queue)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip-link"
    page.keyboard.press("Enter")
    assert active(page) == "main"


def test_small_screen_shows_the_message_and_not_the_list(page_at, queue):
    page = page_at(390)
    page.goto(queue)
    assert page.is_hidden(".queue-list")
    assert page.is_visible("h1")


@pytest.mark.parametrize("name", ["400", "403", "403_csrf", "404", "429", "500"])
def test_error_page_needs_nothing_but_its_template(page_at, site, render, axe, name):
    page = page_at(390)
    page.goto(site.add("/error", render(f"{name}.html")))
    assert page.inner_text("h1")
    axe(page)
