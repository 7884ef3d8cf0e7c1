"""Amounts are typed as the desk's language writes them, and mean exactly what they say, or nothing."""

import pytest
from django import forms
from django.test import Client
from django.utils import translation

from bookings.admin.amounts import AmountField, minor_units, sample, typed
from bookings.models import Booking, RefusedAttempt, RoomType
from cancellations.models import CancellationPolicy
from payments.models import PaymentOperation
from tests import stays
from tests.admin.bulk_runs import with_money
from tests.admin.conftest import House, signed_in
from tests.admin.pages import do, page, text
from tests.factories import UserFactory

GERMAN = [
    ("12,50", "EUR", 1250),
    ("12,5", "EUR", 1250),
    ("12", "EUR", 1200),
    ("1234,5", "EUR", 123450),
    ("1.234,50", "EUR", 123450),
    ("1.234.567", "EUR", 123456700),
    ("1.234.567,89", "EUR", 123456789),
    ("0,07", "EUR", 7),
    ("12000", "JPY", 12000),
    ("12,340", "KWD", 12340),
    ("1.234,560", "KWD", 1234560),
]
TWO_WAYS = "“%s” can be read in two ways. Write %s, or with decimals, such as %s."
NO_NUMBER = "Write the amount in digits, such as 120.50."
REFUSED = [
    ("1,234", "EUR", TWO_WAYS % ("1,234", "1234", "120.50")),
    ("12,340", "KWD", TWO_WAYS % ("12,340", "12340", "120.500")),
    ("1.230", "EUR", "EUR has two decimals at most. Write it like 120.50."),
    ("12.000", "JPY", "JPY has no decimals. Write it like 120."),
    ("12,50", "EUR", NO_NUMBER),
    ("1.234,50", "EUR", NO_NUMBER),
    ("1,23,456", "EUR", NO_NUMBER),
    ("0,123", "EUR", NO_NUMBER),
    ("1,234.", "EUR", NO_NUMBER),
    (".50", "EUR", NO_NUMBER),
    ("12.5.0", "EUR", NO_NUMBER),
    ("-1", "EUR", NO_NUMBER),
    ("1e2", "EUR", NO_NUMBER),
    ("١٢", "EUR", NO_NUMBER),
    ("NaN", "EUR", NO_NUMBER),
    ("9" * 13, "EUR", NO_NUMBER),
]
SWAPPED = str.maketrans(".,", ",.")


@pytest.mark.parametrize(("text", "currency", "minor"), GERMAN)
def test_each_language_takes_its_own_way_of_writing(text: str, currency: str, minor: int) -> None:
    with translation.override("de"):
        assert minor_units(text, currency) == minor
    assert minor_units(text.translate(SWAPPED), currency) == minor


@pytest.mark.parametrize(("text", "currency", "words"), REFUSED)
def test_what_could_mean_something_else_is_refused_in_words(text: str, currency: str, words: str) -> None:
    with pytest.raises(forms.ValidationError) as refused:
        minor_units(text, currency)
    assert refused.value.messages == [words]
    with translation.override("de"), pytest.raises(forms.ValidationError):
        minor_units(text.translate(SWAPPED), currency)


def test_what_is_shown_is_read_back_as_the_same(db: None) -> None:
    for language, shown in (("en", ("12.50", "120.50", "0.07")), ("de", ("12,50", "120,50", "0,07"))):
        with translation.override(language):
            assert (typed(1250, "EUR"), sample("EUR"), typed(7, "EUR")) == shown
            for currency in ("EUR", "JPY", "KWD", "ISK"):
                for amount in (0, 100, 1000, 123456700):
                    assert minor_units(typed(amount, currency), currency) == amount
            assert not AmountField(currency="EUR").has_changed(1250, shown[0])


@pytest.fixture
def german(own: House) -> Client:
    return signed_in(UserFactory(role="Manager", hotels=[own.hotel], language="de"))


def test_a_refund_is_proposed_and_taken_with_a_comma(own: House, german: Client) -> None:
    booking = with_money(own)
    shown = text(german.get(page(booking, "refund")))
    assert ('value="160,00"' in shown, "&quot;amount&quot;: &quot;160,00&quot;" in shown) == (True, True)
    typed = {"note": "x", "seen_left": "33000", "stripe_reason": "duplicate"}
    refused = do(german, booking, "refund", amount="1.234", **typed)
    assert "„1.234“ lässt sich auf zwei Arten lesen" in text(refused)
    assert 'value="1.234"' in text(refused)


def test_an_own_fee_and_a_refusal_keep_what_was_typed(own: House, german: Client) -> None:
    booking = with_money(own)
    asked = {"reason": "Hotel closed", "note": "", "fee": "custom"}
    seen = german.get(page(booking, "cancel")).context["form"]["seen"].value()
    refused = do(german, booking, "cancel", custom_fee="12.50", seen=seen, **asked)
    assert "Schreiben Sie den Betrag in Ziffern, etwa 120,50." in text(refused)
    assert ('value="12.50"' in text(refused), stays.fresh(booking).status) == (True, "CONFIRMED")
    assert PaymentOperation.objects.count() == 0


def test_a_rate_is_shown_and_kept_to_the_cent(own: House, german: Client) -> None:
    kind = own.rooms[0].room_type
    shown = text(german.get(page(kind)))
    assert ('value="170,00"' in shown, "In der Währung des Hotels, etwa 170,00." in shown) == (True, True)
    german.post(page(kind), {"name": kind.name, "rate": "1.234,50", "capacity": "2"})
    assert RoomType.objects.get(pk=kind.pk).nightly_rate == 123450
    answer = german.post(page(kind), {"name": kind.name, "rate": "1.234", "capacity": "2"})
    assert (answer.status_code, RoomType.objects.get(pk=kind.pk).nightly_rate) == (200, 123450)


def test_the_limit_of_one_person(own: House) -> None:
    owner = signed_in(UserFactory(role="owner", hotels=[], language="de"))
    data = posted(owner.get(page(own.hotel)).context["adminform"].form) | {"four_eyes_threshold": "1.234,50"}
    assert owner.post(page(own.hotel), data).status_code == 302
    own.hotel.refresh_from_db()
    assert own.hotel.four_eyes_threshold == 123450
    assert 'value="1234,50"' in text(owner.get(page(own.hotel)))


def test_a_fixed_fee_of_a_policy(own: House, german: Client) -> None:
    policy = CancellationPolicy.objects.get(hotel=own.hotel)
    tier = policy.tiers.order_by("at_least")[0]
    total = policy.tiers.count()
    rows = [*policy.tiers.order_by("pk")]
    data = {"name": policy.name, "description": policy.description, "is_default": "on"}
    data |= {"tiers-TOTAL_FORMS": str(total), "tiers-INITIAL_FORMS": str(total)}
    for number, row in enumerate(rows):
        one = {"id": row.pk, "policy": policy.pk, "at_least": row.at_least, "unit": row.unit}
        one |= (
            {"fee_kind": "fixed", "fee": "80,05"} if row == tier else {"fee_kind": row.fee_kind, "fee": row.fee_value}
        )
        data |= {f"tiers-{number}-{name}": str(value) for name, value in one.items()}
    answer = german.post(page(policy), data)
    tier.refresh_from_db()
    assert (answer.status_code, tier.fee_value) == (302, 8005)
    forms_shown = german.get(page(policy)).context["inline_admin_formsets"][0].formset.forms
    assert "80,05" in [form["fee"].value() for form in forms_shown if form.instance.pk == tier.pk]


def test_a_refused_attempt_keeps_the_amount_in_minor_units(own: House) -> None:
    booking = with_money(own)
    desk = signed_in(UserFactory(role="Front desk", hotels=[own.hotel], language="de"))
    assert do(desk, booking, "refund", amount="1.234,50", note="x", seen_left="33000").status_code == 403
    assert RefusedAttempt.objects.get().amount == 123450


def posted(form: forms.BaseForm) -> dict[str, str]:
    """What a browser sends of a form that was opened."""
    values = {name: form[name].value() for name in form.fields}
    return {name: "" if value is None else str(value) for name, value in values.items() if value is not False}


def test_a_draft_and_its_price(own: House, german: Client) -> None:
    booking = own.booking()
    form = german.get(page(booking)).context["adminform"].form
    assert form["total"].value() == "340,00"
    german.post(page(booking), posted(form) | {"total": "1.234,50"})
    assert Booking.objects.get(pk=booking.pk).total_amount == 123450
