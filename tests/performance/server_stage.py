"""Some bookings, and who looks at them: `python -m tests.performance.server_stage` prints addresses with headers.

The guest opens the page of their own booking, the desk its list of bookings.
"""

import json
import os
from importlib import import_module

import django

BOOKINGS = 60


def main() -> None:
    """Make the bookings, print the pages."""
    book, owner = import_module("tests.performance.book"), import_module("tests.performance.drawing").owner
    calls, models = import_module("tests.api.calls"), import_module("bookings.models")
    settings, connection = import_module("django.conf").settings, import_module("django.db").connection
    book.people()
    book.fill(connection, BOOKINGS)
    cookie = owner().cookies[settings.SESSION_COOKIE_NAME]
    guest = calls.key_of(models.Booking.objects.earliest("pk"))
    pages = {
        "guest's page": ("/booking/manage/", {"Cookie": f"innkeep_guest={guest}"}),
        "list of bookings": ("/admin/bookings/booking/", {"Cookie": f"{cookie.key}={cookie.value}"}),
    }
    print(json.dumps(pages))


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "site_config.settings")
    django.setup()
    main()
