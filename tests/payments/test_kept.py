"""Records of money and of what happened are never deleted, whichever way somebody tries."""

import pytest
from django.apps import apps
from django.db import transaction
from django.db.models import ProtectedError

from bookings.audit import HistoryContext, KeptForEver
from payments.models import Dispute, Drift, Payment, PaymentOperation, Refund, RefundRequest
from tests.admin.conftest import house, signed_in
from tests.admin.pages import page
from tests.admin.test_scoping import rows_of
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db

KEPT = (Payment, PaymentOperation, Refund, RefundRequest, Dispute, Drift)
NAMES = {
    Payment: "payment",
    PaymentOperation: "operation",
    Refund: "refund",
    RefundRequest: "refund_request",
    Dispute: "dispute",
    Drift: "drift",
}


@pytest.fixture
def rows():
    """One row of every kind."""
    return rows_of(house("Hotel Liffey"))


def counts():
    """How many rows and history rows there are of each kind."""
    return [(model.objects.count(), model.history.count()) for model in KEPT]


@pytest.mark.parametrize("model", KEPT)
def test_rows_of_money_are_kept(rows, model):
    before = counts()
    row = rows[NAMES[model]]
    for delete in (row.delete, model.objects.all().delete, model._base_manager.filter(pk=row.pk).delete):
        with pytest.raises((KeptForEver, ProtectedError)), transaction.atomic():
            delete()
    assert counts() == before


@pytest.mark.parametrize("model", KEPT)
def test_their_history_is_kept(rows, model):
    before = counts()
    row = rows[NAMES[model]]
    record = row.history.first()
    for delete in (record.delete, row.history.all().delete, model.history.all().delete):
        with pytest.raises(KeptForEver, match="kept for ever; nothing was deleted"), transaction.atomic():
            delete()
    assert counts() == before


def test_a_row_that_nothing_refers_to_is_kept(rows):
    lone = Payment.objects.create(booking=rows["booking"], attempt_number=2, amount=1, currency="EUR")
    with pytest.raises(KeptForEver, match=f"payment {lone.pk} is kept for ever"), transaction.atomic():
        lone.delete()
    with pytest.raises(KeptForEver), transaction.atomic():
        Payment.objects.filter(pk=lone.pk).delete()
    assert Payment.objects.filter(pk=lone.pk).exists()


def test_every_history_is_kept():
    histories = [
        model for model in apps.get_models() if hasattr(model, "history_id") and hasattr(model, "history_date")
    ]
    assert len(histories) > 12
    assert all(issubclass(model, HistoryContext) for model in histories)


@pytest.mark.parametrize("model", KEPT)
def test_the_admin_offers_no_deletion_even_to_owners(rows, model):
    row, owner = rows[NAMES[model]], signed_in(UserFactory(role="owner"))
    before = counts()
    assert owner.get(page(row, "delete")).status_code in (403, 404)
    assert owner.post(page(row, "delete"), {"post": "yes"}).status_code in (403, 404)
    assert counts() == before
