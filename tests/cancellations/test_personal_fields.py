"""Every text of every table has been thought about; only one function rewrites history."""

import re
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.db import models

from bookings.models import Booking
from cancellations.personal_fields import HOLDERS

APPS = ("bookings", "payments", "cancellations", "trail")
TEXTS = (models.CharField, models.TextField, models.JSONField, models.GenericIPAddressField)
# Tables that say nothing about guests, or whose rows are deleted as a whole.
NO_GUEST = {
    *("bookings.AccessToken", "bookings.TokenUse", "bookings.Wording"),
    *("bookings.Hotel", "bookings.KeptStay", "bookings.Room", "bookings.RoomType", "bookings.User"),
    *("cancellations.CancellationPolicy", "cancellations.CancellationTier", "cancellations.LinkRequest"),
    "bookings.BookingImport",  # emptied once it is used, and after a day
    "bookings.ExportRecord",  # a search's words are not kept
    "cancellations.TryCount",  # its keys are hashes
    *("bookings.SampleMail", "bookings.SignInRelease"),  # about staff
    "bookings.BookingEvent",  # a reference and a status
    "bookings.NewBookingKey",  # a name that a program made up, and a hash
    *("bookings.Repeat", "bookings.SignIn"),  # of staff, and hashes
    *("payments.Alert", "payments.Chore", "payments.ExchangeRate"),
    *("trail.Chain", "trail.Shape", "trail.SignedHeads"),
    "trail.Entry",  # what is personal in its row is not in it, only a salted commitment
    *("trail.Salt", "trail.Dropped"),  # secrets that go with the value; no personal value is kept
}
# What every history row has beside the values; `forget_history` looks after it.
OF_HISTORY = {
    *("history_change_reason", "history_type", "actor_kind", "transition", "ip", "user_agent", "request_id"),
}


def own_models():
    """The product's models without their histories."""
    every = (model for app in APPS for model in apps.get_app_config(app).get_models())
    return [model for model in every if not hasattr(model, "history_id")]


def texts(model):
    """The fields that can hold a word."""
    return {each.name for each in model._meta.concrete_fields if isinstance(each, TEXTS)}


def declared(holder):
    """Every field that the table of holders speaks of."""
    return {*holder.emptied, *holder.read_over, *holder.rewritten, *holder.kept}


def test_every_table_is_declared():
    labels = {model._meta.label for model in own_models()}
    assert labels == NO_GUEST | {holder.model._meta.label for holder in HOLDERS}


@pytest.mark.parametrize("holder", HOLDERS, ids=lambda holder: holder.model.__name__)
def test_every_text_is_declared_once(holder):
    names = [*holder.emptied, *holder.read_over, *holder.rewritten, *holder.kept]
    assert len(names) == len(set(names))
    assert set(names) == texts(holder.model)


@pytest.mark.parametrize("holder", HOLDERS, ids=lambda holder: holder.model.__name__)
def test_history_holds_nothing_else(holder):
    if hasattr(holder.model, "history"):
        assert texts(holder.model.history.model) - OF_HISTORY <= declared(holder)


def test_only_the_erasure_path_rewrites_history():
    files = [path for app in APPS for path in (Path(settings.BASE_DIR) / app).rglob("*.py")]
    writes = re.compile(r"history[^\n]*\.(update|delete|bulk_update|bulk_create)\(|filter\(pk=record\.pk\)")
    found = [path.name for path in files if "migrations" not in path.parts and writes.search(path.read_text())]
    assert found == ["erasing.py"]
    assert (Path(settings.BASE_DIR) / "trail" / "erasing.py").read_text().count(".update(") == 1


def test_payload_hash_and_reference_stay():
    (booking,) = (holder for holder in HOLDERS if holder.model is Booking)
    assert {"booking_id", "payment_reference", "refund_reference"} <= set(booking.kept)
