"""A browser for the tests that need one: the system's own Chromium, loopback only."""

from __future__ import annotations

import functools
import os
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from mimetypes import guess_type
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = Path("/usr/bin/chromium")
LAUNCH_ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PAGE_CSP = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'"
)


def pytest_collection_modifyitems(items):
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="module")
def chromium():
    """A running Chromium. Skips where there is none, except in continuous integration."""
    if not CHROMIUM.exists():
        if os.environ.get("CI"):
            pytest.fail(f"{CHROMIUM} is missing")
        pytest.skip(f"{CHROMIUM} is missing")
    from playwright.sync_api import sync_playwright

    # Playwright keeps an event loop in this thread, and Django refuses the database beside one.
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=LAUNCH_ARGS)
            yield browser
            browser.close()
    finally:
        if before is None:
            del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]
        else:
            os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = before


@pytest.fixture
def page_at(chromium) -> Iterator[Callable]:
    """`page_at(width, scheme, height=…, **context)` opens an empty page of that size and scheme.

    At the end no page may have asked another host for anything, broken its
    Content-Security-Policy or thrown an error in a script.
    """
    contexts, problems = [], []

    def watch(page):
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on(
            "console",
            lambda message: (
                problems.append(message.text)
                if "Content Security Policy" in message.text and "/letter" not in message.text
                else None
            ),
        )
        page.on(
            "request",
            lambda request: (
                None
                if urlsplit(request.url).hostname in {"127.0.0.1", "localhost", None}
                else problems.append(request.url)
            ),
        )

    def opened(width: int, scheme: str = "light", *, height: int | None = None, **options):
        context = chromium.new_context(
            viewport={"width": width, "height": height or (800 if width > 700 else 844)},
            color_scheme=scheme,
            **options,
        )
        contexts.append(context)
        page = context.new_page()
        watch(page)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert problems == []


@pytest.fixture
def violations() -> Callable:
    """`violations(page)` lists what on the page breaks a rule of WCAG 2.2 AA.

    `only` names the rules to ask for instead of all.
    """
    from axe_playwright_python.base import AXE_SCRIPT

    def listed(page, only: list[str] | None = None) -> list[tuple]:
        asked = {"type": "rule", "values": only} if only else AXE_TAGS
        if not page.evaluate("'axe' in window"):
            page.evaluate(AXE_SCRIPT)
        # What keeps the rules fills megabytes, and nobody reads it. Nor are style sheets loaded
        # anew for a rule that is not asked for: our policy forbids that as it forbids all inline.
        options = {"runOnly": asked, "resultTypes": ["violations"], "preload": False}
        found = page.evaluate("options => axe.run(options)", options)["violations"]
        return [
            (rule["id"], node["target"], node["failureSummary"])
            for rule in found
            for node in rule["nodes"]
        ]

    return listed


@pytest.fixture
def axe(violations) -> Callable:
    """`axe(page)` fails with a readable list when the page breaks a rule of WCAG 2.2 AA."""

    def check(page, only: list[str] | None = None) -> None:
        assert violations(page, only) == []

    return check


class Site:
    """Finished pages under addresses of a loopback server, beside the real static files."""

    def __init__(self) -> None:
        self.pages: dict[str, tuple[str, str]] = {}
        self.posts: list[tuple[str, dict[str, list[str]]]] = []
        handler = functools.partial(_Handler, self)
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def add(self, path: str, html: str, csp: str = PAGE_CSP) -> str:
        """Serves `html` at `path`; returns its whole address."""
        self.pages[path] = (html, csp)
        return self.url(path)

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.server.server_port}{path}"

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


class _Handler(BaseHTTPRequestHandler):
    def __init__(self, site: Site, *args) -> None:
        self.site = site
        super().__init__(*args)

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        if path.startswith("/static/"):
            file = ROOT / path.lstrip("/")
            if file.is_file():
                self.answer(200, file.read_bytes(), guess_type(file.name)[0] or "font/woff2")
                return
        if path in self.site.pages:
            html, csp = self.site.pages[path]
            self.answer(200, html.encode(), "text/html; charset=utf-8", csp)
            return
        self.answer(404, b"nothing here", "text/plain")

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.site.posts.append((self.path, parse_qs(body)))
        self.answer(200, b"<!doctype html><title>received</title>", "text/html", PAGE_CSP)

    def answer(self, status: int, body: bytes, kind: str, csp: str | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        if csp:
            self.send_header("Content-Security-Policy", csp)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args) -> None:
        """Says nothing: the test's own failure tells enough."""


@pytest.fixture
def site() -> Iterator[Site]:
    """Serves finished pages without the application behind them."""
    served = Site()
    yield served
    served.close()


@pytest.fixture
def render(settings) -> Callable:
    """`render(name, **context)` renders in English, also tests/browser/templates."""
    from django.template.backends.django import DjangoTemplates
    from django.utils import translation

    settings.STATIC_URL = "/static/"
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    engine = DjangoTemplates(
        {
            "NAME": "samples",
            "DIRS": [Path(__file__).parent / "templates", ROOT / "templates"],
            "APP_DIRS": False,
            "OPTIONS": {},
        }
    )

    def rendered(name: str, **context: object) -> str:
        with translation.override("en"):
            return engine.get_template(name).render(context)

    return rendered


@pytest.fixture
def office(transactional_db, settings, tmp_path):
    from tests.office import PASSWORD, open_office

    settings.BLOB_DIR = tmp_path / "blobs"
    settings.PREVIEW_DIR = tmp_path / "previews"
    return open_office(PASSWORD)


@pytest.fixture
def signed_in(office, page_at, live_server):
    """`signed_in(path, width, …, user=…)` opens a page, as the registrar by default."""
    from django.test import Client

    def opened(path="/", width=1280, scheme="light", user=None, **options):
        client = Client()
        client.force_login(user or office.registrar)
        cookie = client.cookies["sessionid"].value
        page = page_at(width, scheme, **options)
        page.context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
        page.goto(live_server.url + path)
        return page

    return opened
