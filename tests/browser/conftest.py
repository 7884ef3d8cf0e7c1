"""A real Chromium for every test of this folder, which are all marked `browser`."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

from site_config.devtools import chromium

HERE = Path(__file__).parent
# What Debian's Chromium needs to run as root, without a GPU, and without asking anything of the internet.
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests of this folder."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def chromium_browser() -> Iterator[Browser]:
    """One browser for the whole run."""
    program = chromium.find()
    if program is None:
        pytest.skip("Chromium is not installed")
    # Playwright's synchronous interface keeps an event loop in this thread, which Django takes for
    # asynchronous code that must not touch the database.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def console_errors() -> list[str]:
    """What the page complained about; a test that provokes a complaint clears it."""
    return []


@pytest.fixture
def page(chromium_browser: Browser, console_errors: list[str]) -> Iterator[Page]:
    """A page without memory of other tests. An error left in its console fails the test."""
    context = chromium_browser.new_context()
    context.set_default_timeout(10_000)
    opened = context.new_page()
    opened.on("console", lambda said: console_errors.append(told(said)) if said.type == "error" else None)
    opened.on("pageerror", lambda error: console_errors.append(str(error)))
    yield opened
    context.close()
    assert console_errors == []


def told(message: ConsoleMessage) -> str:
    """The error and where it arose."""
    return f"{message.text} ({message.location.get('url')})"
