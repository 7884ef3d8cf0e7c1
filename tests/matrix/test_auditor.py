"""An auditor posts to every address of the desk, and no hotel's data is another afterwards."""

import json
from collections.abc import Iterator
from hashlib import sha256
from typing import Any, Final

import pytest
from django.apps import apps
from django.core import serializers
from django.db.models import Model

from tests.matrix import addresses, cells, world
from tests.matrix.cells import NO_RECORD
from tests.matrix.test_matrix import outside, quick
from tests.matrix.world import AUDITOR, DELETED, OWN, World

__all__ = ["outside", "quick"]

# What an auditor may take along is recorded: as a row of its own, in the history, and there in the chain.
EXPORTS: Final = ("export", "finish_export", "export_guest", "evidence_exported")
RECORDS: Final = ("bookings.ExportRecord", "bookings.ExportRecord_hotels")
CHAIN: Final = ("Entry", "Chain", "Salt")
# Plausible answers to every form, so that nothing is refused for what is missing.
FORM: Final = {
    "action": "soft_delete",
    "amount": "1.00",
    "format": "csv",
    "index": "0",
    "note": "Entered twice",
    "post": "yes",
    "reason": "Entered twice",
    "stripe_reason": "duplicate",
}


@pytest.mark.django_db
def test_posts_of_an_auditor_change_no_hotel_data(quick: None, outside: None) -> None:
    made = world.build()
    before = fingerprints()
    posted = [post(made, pattern, kind) for pattern in desk() for kind in (OWN, DELETED)]
    after = fingerprints()
    assert {label for label, sum_ in before.items() if after[label] != sum_} == set()
    assert len(posted) > 250
    assert [status for status in posted if status >= 500] == []
    # Signed in to the end: whoever is not is sent away from everywhere, and changes nothing anywhere.
    assert made.browsers[AUDITOR].get("/admin/").status_code == 200


def desk() -> Iterator[str]:
    """Every address of the admin but those of the auditor's own account, and one export.

    What a guest is told is taken from the booking itself, whose history then says so.
    """
    own = ("admin/logout/", "admin/language/", "admin/password_change/")
    found = (each for each in addresses.patterns() if each.startswith("admin/") and each not in own)
    return (each for each in found if not each.endswith("/guest-data/"))


def post(made: World, pattern: str, kind: str) -> int:
    """Send a full form; what comes back as a file is read to its end."""
    rule = next(rule for known, rule in cells.TABLE if known == pattern)
    values = made.values(rule.on, kind) if rule.on else made.of_booking(kind) | {"object_id": "1"}
    address = addresses.filled(pattern, cells.ELSEWHERE | values)
    client = made.browsers[AUDITOR]
    client.cookies.load(made.cookies[AUDITOR])
    chosen = made.rows["booking", OWN].pk
    answer: Any = client.post(address, FORM | {"_selected_action": [chosen]})
    if answer.streaming:
        b"".join(answer.streaming_content)
    return int(answer.status_code)


def fingerprints() -> dict[str, str]:
    """Return a sum over each table, without the records of exports."""
    return {
        model._meta.label: sum_of(model)
        for model in apps.get_models(include_auto_created=True)
        if not model._meta.proxy and is_watched(model)
    }


def is_watched(model: type[Model]) -> bool:
    """Whether nothing may be written to a table."""
    if model._meta.db_table.startswith(NO_RECORD) or model._meta.label in RECORDS:
        return False
    return not (model._meta.app_label == "trail" and model.__name__ in CHAIN)


def sum_of(model: type[Model]) -> str:
    """Return the sum over one table."""
    rows = model._base_manager.order_by("pk")
    if any(field.name == "transition" for field in model._meta.fields) and hasattr(model, "history_id"):
        rows = rows.exclude(transition__in=EXPORTS)
    return sha256(json.dumps(serializers.serialize("json", rows)).encode()).hexdigest()
