"""A real browser on a real server: the clock is ours, everything else is as people have it."""

import logging
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, expect
from werkzeug.serving import make_server

from marketplace import jobs
from marketplace.core.clock import FrozenClock
from tests.factories import PASSWORD

AXE = (Path(__file__).parent.parent / "vendor" / "axe.min.js").read_text()


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    program = os.environ.get("CHROMIUM") or shutil.which("chromium-headless-shell") or shutil.which("chromium")
    switches = [
        "--no-sandbox",
        "--disable-gpu",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-dev-shm-usage",
    ]
    return {**browser_type_launch_args, "executable_path": program, "args": switches}


class House:
    """The running market: people come in by e-mail, time passes when told."""

    def __init__(self, app: Flask, clock: FrozenClock, address: str, browser: Browser) -> None:
        self.app, self.clock, self.address, self.browser = app, clock, address, browser
        self.contexts: list[BrowserContext] = []

    def visit(self, email: str = "", *, language: str = "zh-CN", width: int = 1440, password: str = PASSWORD) -> Page:
        """A fresh browser window, signed in if an address is given."""
        context = self.browser.new_context(
            base_url=self.address,
            locale=language,
            timezone_id="Asia/Shanghai",
            viewport={"width": width, "height": 900},
        )
        self.contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: pytest.fail(f"script error: {error}"))
        if email:
            page.goto("/sign-in")
            page.fill("#email", email)
            page.fill("#password", password)
            page.click("main button[type=submit]")
            expect(page).to_have_url(self.address + "/desk")
        return page

    def until(self, at: datetime) -> None:
        """Let time pass and the worker go round."""
        self.clock.set(at)
        self.work()

    def work(self, rounds: int = 2) -> None:
        with self.app.app_context():
            for _round in range(rounds):
                jobs.tick(self.clock.now())


@pytest.fixture
def house(make_app: Callable[..., Flask], clock: FrozenClock, browser: Browser) -> Iterator[House]:
    app = make_app("sqlite")
    app.config["WTF_CSRF_ENABLED"] = True
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    made = House(app, clock, f"http://127.0.0.1:{server.server_port}", browser)
    yield made
    for context in made.contexts:
        context.close()
    server.shutdown()
    thread.join(timeout=10)


def sound(page: Page) -> None:
    """The page breaks no rule of accessibility and does not run out of its window."""
    page.evaluate(AXE)
    found = page.evaluate(
        "async () => (await axe.run(document, {resultTypes: ['violations']})).violations"
        ".map(v => v.id + ': ' + v.nodes.map(n => n.target.join(' ')).slice(0, 3).join(' | '))"
    )
    assert found == [], (page.url, found)
    over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert over <= 0, (page.url, over)
