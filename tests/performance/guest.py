"""A guest's page and the page on which they cancel, beside a bare Django view that draws a template.

    python -m tests.performance.guest ours|bare

Both run in a process of their own, over the same booking, without a server between: processor time for one page.
"""

import importlib
import json
import os
import re
import sys
import time
from pathlib import Path
from typing import Any, Final

PAGES, ROUNDS = 30, 3
GOAL, MOST_KILOBYTES = 2, 100
ADDRESSES: Final = {"guest page": "/booking/manage/", "cancel page": "/booking/manage/cancel/"}
LOADED: Final = re.compile(r"<(?:link|script|img)[^>]*?(?:href|src)=\"([^\"]+)\"")


def main(what: str) -> dict[str, Any]:
    """Milliseconds for a page of each kind, and how much a guest's browser loads for it."""
    if what == "bare":
        importlib.import_module("tests.performance.bare_page")
    importlib.import_module("django").setup()
    importlib.import_module("logging").disable()
    if what == "bare":
        return {"bare": drawn(importlib.import_module("django.test").Client(), "/1000/")}
    browser = guest()
    pages = {name: drawn(browser, address) for name, address in ADDRESSES.items()}
    return {"pages": pages, "kilobytes": {name: weight(browser, at) for name, at in ADDRESSES.items()}}


def guest() -> Any:
    """The browser of a guest who pays on arrival, with their link open."""
    factories = importlib.import_module("tests.factories")
    booking = factories.BookingFactory(payment_method="ARRIVAL")
    importlib.import_module("bookings.lifecycle").submit(booking)
    client = importlib.import_module("django.test").Client(SERVER_NAME="127.0.0.1")
    client.get(importlib.import_module("tests.guest.browser").link_of(booking))
    return client


def drawn(client: Any, address: str) -> float:
    """Milliseconds of this process for one page, once everything is loaded; the best of some rounds."""
    best = float("inf")
    for _ in range(ROUNDS + 1):
        began = time.process_time()
        for _ in range(PAGES):
            answer = client.get(address)
            if answer.status_code != 200:
                raise RuntimeError(f"{answer.status_code} {address} {answer.headers}")
        best = min(best, time.process_time() - began)
    return 1000 * best / PAGES


def weight(client: Any, address: str) -> float:
    """Kilobytes of a page with all that it loads. Raises RuntimeError where some of it is not our own."""
    page = client.get(address).content.decode()
    loaded = [each for each in LOADED.findall(page) if not each.startswith("data:")]
    foreign = [each for each in loaded if not each.startswith("/")]
    if foreign:
        raise RuntimeError(f"{address} loads {foreign}")
    return (len(page.encode()) + sum(size(each) for each in loaded)) / 1024


def size(address: str) -> int:
    """Bytes of a static file by its address."""
    settings = importlib.import_module("django.conf").settings
    find = importlib.import_module("django.contrib.staticfiles.finders").find
    name = address.partition("?")[0].removeprefix(settings.STATIC_URL)
    # A name may hold a sum of what is in the file.
    found = find(name) or find(re.sub(r"\.[0-9a-f]{12}(\.\w+)$", r"\1", name))
    if not found:
        raise RuntimeError(f"{address} is no static file")
    return Path(found).stat().st_size


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "site_config.settings")
    print(json.dumps(main(sys.argv[1])))
