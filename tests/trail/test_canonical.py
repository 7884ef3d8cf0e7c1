"""The canonical form: one for each value, whatever the database made of it."""

import json
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trail import canonical

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXT | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)


@pytest.mark.parametrize(
    ("value", "form"),
    [
        (Decimal("1.08450000"), "1.0845"),
        (Decimal("-0.00"), "0"),
        (Decimal("1E+2"), "100"),
        (datetime(2026, 3, 1, 12, 0, 0, 5, tzinfo=UTC), "2026-03-01T12:00:00.000005Z"),
        (datetime(2026, 3, 1, 14, 0, tzinfo=timezone(timedelta(hours=2))), "2026-03-01T12:00:00.000000Z"),
        (date(2026, 3, 1), "2026-03-01"),
        (time(15, 0), "15:00:00.000000"),
        (UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        ({"b": 1.0, "a": [0.5, True, None]}, {"b": 1, "a": [{"number": "0.5"}, True, None]}),
    ],
)
def test_each_kind_has_one_form(value, form):
    assert canonical.plain(value) == form


def test_unknown_kind_is_refused():
    with pytest.raises(TypeError, match="bytes has no canonical form"):
        canonical.plain(b"x")


@given(JSON)
def test_form_is_stable_and_knows_no_order(value):
    form = canonical.encoded(canonical.plain(value))
    assert canonical.encoded(canonical.plain(json.loads(json.dumps(value)))) == form
    assert canonical.encoded(json.loads(form)) == form


@given(JSON, JSON)
def test_different_values_have_different_forms(one, other):
    same = canonical.encoded(canonical.plain(one)) == canonical.encoded(canonical.plain(other))
    if one != other:
        assert not same


@given(st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1), timezones=st.timezones()))  # noqa: DTZ001
def test_a_moment_is_the_same_in_every_zone(moment):
    assert canonical.plain(moment) == canonical.plain(moment.astimezone(UTC))


@given(TEXT, TEXT)
def test_commitment_binds_to_field_and_value(one, other):
    salt = canonical.new_salt()
    bound = canonical.commitment(salt, "guest_name", one)
    assert bound == canonical.commitment(salt, "guest_name", one)
    assert (bound == canonical.commitment(salt, "guest_name", other)) == (one == other)
    assert bound != canonical.commitment(salt, "notes", one)
    assert bound != canonical.commitment(canonical.new_salt(), "guest_name", one)
