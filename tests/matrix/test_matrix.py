"""Each address has a rule, each rule an address, and each cell the answer that the rule declares."""

import json
import logging
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from hashlib import sha256
from typing import Any

import pytest
from django.apps import apps
from django.core import serializers
from django.template.base import Template
from pytest_django import Settings
from unfold.admin import ModelAdmin

from bookings.admin.room import RoomAdmin
from site_config.devtools.proof import Row
from site_config.devtools.report import FIGURE
from tests.matrix import addresses, world
from tests.matrix.cells import NO_RECORD, TABLE, cells, problems
from tests.matrix.world import ROLES
from tests.simulator_process import StripeSimulator

LEAST = 2500


def test_every_address_is_declared_once() -> None:
    declared = Counter(pattern for pattern, _rule in TABLE)
    known = addresses.patterns()
    undeclared = [pattern for pattern in known if pattern not in declared]
    gone = [pattern for pattern in declared if pattern not in known]
    twice = [pattern for pattern, times in declared.items() if times > 1]
    assert {"undeclared": undeclared, "gone": gone, "twice": twice} == {"undeclared": [], "gone": [], "twice": []}


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Leave out what costs more than the pages: copies of each template's context, and the log."""
    monkeypatch.setattr(Template, "_render", lambda template, context: template.nodelist.render(context))
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture
def outside(stripe_simulator: StripeSimulator, settings: Settings) -> None:
    """Whom the buttons of the connections ask, and a mail provider that signs its news."""
    settings.MAILERS = {"default": {"BACKEND": "anymail.backends.postmark.EmailBackend"}}
    settings.ANYMAIL = {"POSTMARK_SERVER_TOKEN": "t", "WEBHOOK_SECRET": "desk:0123456789abcdef"}


@pytest.mark.django_db
def test_every_cell_is_answered_as_declared(
    quick: None, outside: None, record_testsuite_property: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    made = world.build()
    before = fingerprint()
    asked = list(cells(made))
    wrong = [problem for cell in asked for problem in problems(made, cell)]
    size = f"{len(asked)} cells: {len(TABLE)} addresses, {len(ROLES)} roles"
    for figure in figures(asked=len(asked), wrong=len(wrong), size=size):
        record_testsuite_property(FIGURE, json.dumps(asdict(figure)))
    with capsys.disabled():
        print(f"\nPermission matrix: {size}")  # noqa: T201
    assert "\n".join(wrong) == ""
    assert fingerprint() == before
    assert len(asked) >= LEAST


@pytest.mark.django_db
def test_forgotten_scope_is_seen(quick: None, monkeypatch: pytest.MonkeyPatch) -> None:
    made = world.build()
    monkeypatch.setattr(RoomAdmin, "get_queryset", ModelAdmin.get_queryset)
    asked = [cell for cell in cells(made) if cell.pattern.startswith("admin/bookings/room/")]
    wrong = [problem for cell in asked for problem in problems(made, cell)]
    about = "GET admin/bookings/room/<path:object_id>/change/ · foreign · front desk"
    assert f"{about}: 200 instead of 404" in wrong
    assert "GET admin/bookings/room/ · own · front desk: tells about the other hotel" in wrong


def figures(*, asked: int, wrong: int, size: str) -> list[Row]:
    """What docs/proof.md says of the matrix."""
    return [
        Row(goal="cells", what="cells asked", ours=asked, at_least=LEAST, note=size, digits=0),
        Row(goal="cells", what="cells answered in another way than declared", ours=wrong, at_most=0, digits=0),
    ]


def fingerprint() -> str:
    """Return one sum over every row of every table, apart from who is signed in and who tries too often."""
    models = [each for each in apps.get_models() if not each._meta.db_table.startswith(NO_RECORD)]
    found = {
        each._meta.label: serializers.serialize("json", each._base_manager.order_by("pk"))
        for each in models
        if not each._meta.proxy
    }
    return sha256(json.dumps(found, sort_keys=True).encode()).hexdigest()
