"""The policy editor: presets, worked examples, one default, and refusals in words."""

from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from bookings.models import Hotel
from cancellations.models import CancellationPolicy, CancellationTier
from tests import stays
from tests.admin.conftest import House, signed_in
from tests.admin.pages import listing, page, said, text
from tests.factories import PolicyFactory, RoomTypeFactory, UserFactory
from tests.stays import clock_at

ADD = "admin:cancellations_cancellationpolicy_add"
EXAMPLES = "admin:cancellations_cancellationpolicy_examples"
FOURTEEN_SEVEN = [(14, "days", "percent", "0"), (7, "days", "percent", "50"), (0, "days", "percent", "100")]


def typed(tiers, *, policy=None, **fields):
    """What a manager's browser sends: the policy's fields and its tiers."""
    rows = [str(tier.pk) for tier in policy.tiers.order_by("-at_least")] if policy else []
    data = {"name": "14/7", "description": "Words", "is_default": "on", **fields}
    data |= {"tiers-TOTAL_FORMS": str(len(tiers)), "tiers-INITIAL_FORMS": str(len(rows))}
    for number, values in enumerate(tiers):
        names = ("at_least", "unit", "fee_kind", "fee")
        data |= {f"tiers-{number}-{name}": str(value) for name, value in zip(names, values, strict=True)}
        data |= {f"tiers-{number}-id": rows[number]} if number < len(rows) else {}
    return {name: value for name, value in data.items() if value is not None}


def tiers_of(policy):
    found = CancellationTier.objects.filter(policy=policy).order_by("unit", "-at_least")
    return [(tier.at_least, tier.unit, tier.fee_kind, tier.fee_value) for tier in found]


def lines(answer):
    """The examples of an answer: when, kept, back."""
    return [(line.when, line.kept, line.back) for line in answer.context["examples"].lines]


def problems(answer):
    return answer.context["examples"].problems


@pytest.fixture
def policy(own: House) -> CancellationPolicy:
    """The own hotel's 14/7."""
    return own.hotel.policies.get()


@pytest.fixture
def today(own: House):
    """Ten in the morning of 24 November 2026 in Dublin."""
    with clock_at(own.hotel.check_in_moment(date(2026, 11, 24)) - timedelta(hours=5)):
        yield


@pytest.mark.usefixtures("today")
def test_page_shows_what_the_stored_tiers_cost(own: House, policy, manager: Client):
    RoomTypeFactory(hotel=own.hotel, nightly_rate=13000)
    answer = manager.get(page(policy))
    # 21 days ahead: seven days' notice before the first tier ends.
    assert answer.context["examples"].stay.endswith(", 2 nights from Tue 15 Dec 2026, €260.00 paid")
    assert lines(answer) == [
        ("Until Tue 1 Dec, 23:59 (Dublin)", "€0.00", "€260.00"),
        ("Until Tue 8 Dec, 23:59 (Dublin)", "€130.00", "€130.00"),
        ("Later, or not arriving at all", "€260.00", "€0.00"),
    ]
    assert "Until Tue 1 Dec, 23:59 (Dublin)" in text(answer)


@pytest.mark.usefixtures("today")
@pytest.mark.parametrize(
    ("tiers", "expected"),
    [
        (
            [(24, "hours", "percent", "0"), (0, "hours", "nights", "1")],
            [
                ("Until Tue 1 Dec, 15:00 (Dublin)", "€0.00", "€340.00"),
                ("Later, or not arriving at all", "€170.00", "€170.00"),
            ],
        ),
        ([(0, "days", "fixed", "80.00")], [("Whenever, or not arriving at all", "€80.00", "€260.00")]),
    ],
)
def test_typed_tiers_are_worked_out_and_nothing_is_stored(own: House, policy, manager: Client, tiers, expected):
    before = (tiers_of(policy), policy.history.count(), CancellationTier.history.count())
    answer = manager.post(reverse(f"{EXAMPLES}_of", args=[policy.pk]), typed(tiers))
    assert answer.status_code == 200
    assert lines(answer) == expected
    assert (tiers_of(policy), policy.history.count(), CancellationTier.history.count()) == before


@pytest.mark.parametrize(
    ("tiers", "words"),
    [
        ([(7, "days", "percent", "0")], "Nothing says what is kept up to check-in. Add a tier that begins at 0."),
        (
            [(7, "days", "percent", "0"), (7, "days", "percent", "50"), (0, "days", "percent", "100")],
            "Two tiers begin 7 days before check-in. Keep one of them.",
        ),
        ([(0, "days", "percent", "101")], "Tier 1, fee: A fee cannot be more than 100 percent."),
        ([(0, "days", "nights", "1.5")], "Tier 1, fee: Give a whole number."),
        ([(0, "days", "fixed", "80.005")], "Tier 1, fee: EUR has two decimals at most. Write it like 120.50."),
        ([(-1, "days", "percent", "1")], "Tier 1, at least: Ensure this value is greater than or equal to 0."),
    ],
)
def test_nonsense_is_refused_in_words_while_typing_and_on_saving(policy, manager: Client, tiers, words):
    before = (tiers_of(policy), policy.history.count(), CancellationTier.history.count())
    live = manager.post(reverse(f"{EXAMPLES}_of", args=[policy.pk]), typed(tiers))
    assert (problems(live), lines(live)) == ([words], [])
    saved = manager.post(page(policy), typed(tiers, policy=None))
    assert saved.status_code == 200
    assert problems(saved) == [words]
    assert (tiers_of(policy), policy.history.count(), CancellationTier.history.count()) == before


@pytest.mark.parametrize(
    ("currency", "fee", "words"),
    [
        ("JPY", "50.5", "Tier 1, fee: JPY has no decimals. Write it like 120."),
        (
            "KWD",
            "12.345",
            "Tier 1, fee: KWD has three decimals, and the last one is always 0: 12.340 or 12.350, not 12.345. "
            "Write it like 120.500.",
        ),
    ],
)
def test_a_fee_that_cannot_be_paid_in_the_currency_is_refused(own: House, policy, manager, currency, fee, words):
    own.hotel.currency = currency
    own.hotel.save()
    answer = manager.post(reverse(f"{EXAMPLES}_of", args=[policy.pk]), typed([(0, "days", "fixed", fee)]))
    assert problems(answer) == [words]


def test_what_is_rarely_meant_is_said_and_can_be_saved(policy, manager: Client):
    tiers = [(7, "days", "percent", "50"), (0, "days", "fixed", "400")]
    warnings = manager.post(reverse(f"{EXAMPLES}_of", args=[policy.pk]), typed(tiers)).context["examples"].warnings
    assert warnings == ["A fee of €400.00 is more than this stay costs: no more than its price is ever kept."]
    cheaper = [(7, "days", "percent", "50"), (0, "days", "percent", "0")]
    warnings = manager.post(reverse(f"{EXAMPLES}_of", args=[policy.pk]), typed(cheaper)).context["examples"].warnings
    assert warnings == [
        "Cancelling later costs less: first €170.00 is kept, then only €0.00. Is that meant?",
    ]
    saved = manager.post(page(policy), typed([*cheaper, (14, "days", "percent", "10")], policy=policy))
    assert [each for each in said(saved) if each[0] == "warning"] == [("warning", warnings[0])]
    assert tiers_of(policy) == [
        (14, "days", "percent", 10),
        (7, "days", "percent", 50),
        (0, "days", "percent", 0),
    ]


def test_a_tier_may_take_the_start_of_another_one_that_moves(policy, manager: Client):
    moved = [(7, "days", "percent", "0"), (3, "days", "percent", "50"), (0, "days", "percent", "100")]
    assert manager.post(page(policy), typed(moved, policy=policy)).status_code == 302
    assert tiers_of(policy) == [(7, "days", "percent", 0), (3, "days", "percent", 50), (0, "days", "percent", 100)]
    kinds = CancellationTier.history.filter(policy_id=policy.pk).order_by("history_id")
    # 14 days went, 7 days got another fee, 3 days came, and the last tier was left alone.
    assert list(kinds.values_list("at_least", "history_type"))[3:] == [(14, "-"), (7, "~"), (3, "+")]


def test_saving_what_is_stored_leaves_no_trace_in_the_tiers_history(policy, manager: Client):
    before = list(CancellationTier.history.values_list("pk", flat=True))
    assert manager.post(page(policy), typed(FOURTEEN_SEVEN, policy=policy)).status_code == 302
    assert list(CancellationTier.history.values_list("pk", flat=True)) == before


def test_a_tier_that_somebody_else_added_meanwhile_stays(policy, manager: Client):
    data = typed(FOURTEEN_SEVEN, policy=policy)
    CancellationTier.objects.create(policy=policy, at_least=30, unit="days", fee_kind="percent", fee_value=0)
    assert manager.post(page(policy), {**data, "tiers-1-fee": "60"}).status_code == 302
    assert [(number, fee) for number, _unit, _kind, fee in tiers_of(policy)] == [(30, 0), (14, 0), (7, 60), (0, 100)]


def test_a_tier_can_be_removed(policy, manager: Client):
    data = typed(FOURTEEN_SEVEN, policy=policy)
    assert manager.post(page(policy), {**data, "tiers-1-DELETE": "on"}).status_code == 302
    assert tiers_of(policy) == [(14, "days", "percent", 0), (0, "days", "percent", 100)]
    gone = {**typed([(14, "days", "percent", "0"), (0, "days", "percent", "100")], policy=policy)}
    answer = manager.post(page(policy), {**gone, "tiers-1-DELETE": "on"})
    assert problems(answer) == ["Nothing says what is kept up to check-in. Add a tier that begins at 0."]


@pytest.mark.parametrize(
    ("preset", "name", "tiers"),
    [
        ("flexible", "Flexible", [(24, "hours", "percent", 0), (0, "hours", "nights", 1)]),
        ("14-7", "14/7", [(14, "days", "percent", 0), (7, "days", "percent", 50), (0, "days", "percent", 100)]),
        ("non-refundable", "Non-refundable", [(0, "days", "percent", 100)]),
        ("fixed-fee", "Fixed fee", [(0, "days", "fixed", 8500)]),
    ],
)
def test_a_preset_fills_the_form_and_can_be_saved_as_it_is(own: House, policy, manager, preset, name, tiers):
    policy.name = "Old"
    policy.save()
    form = manager.get(reverse(ADD), {"preset": preset})
    fields, formset = form.context["adminform"].form, form.context["inline_admin_formsets"][0].formset
    rows = [tuple(row[each].value() for each in ("at_least", "unit", "fee_kind", "fee")) for row in formset.forms]
    sent = typed(rows, name=fields["name"].value(), description=fields["description"].value(), is_default=None)
    assert len(lines(form)) == len(tiers)
    answer = manager.post(reverse(ADD) + f"?preset={preset}", {**sent, "hotel": fields["hotel"].value()})
    assert answer.status_code == 302
    saved = own.hotel.policies.get(name=name)
    assert (tiers_of(saved), saved.is_default) == (tiers, False)


def test_another_default_takes_over_in_one_step_with_history(own: House, policy, manager: Client):
    data = typed([(0, "days", "percent", "100")], name="Strict")
    assert manager.post(reverse(ADD), {**data, "hotel": own.hotel.pk}).status_code == 302
    strict = own.hotel.policies.get(name="Strict")
    policy.refresh_from_db()
    assert (strict.is_default, policy.is_default) == (True, False)
    record = policy.history.first()
    assert (record.transition, record.history_change_reason, record.actor_kind) == (
        "hand_over",
        "New bookings are made with Strict from now on.",
        "staff",
    )
    assert manager.post(page(policy), typed(FOURTEEN_SEVEN, policy=policy)).status_code == 302
    assert [row.is_default for row in own.hotel.policies.order_by("name")] == [True, False]


def test_the_only_default_keeps_its_tick(policy, manager: Client):
    answer = manager.post(page(policy), typed(FOURTEEN_SEVEN, policy=policy, is_default=None))
    assert answer.context["adminform"].form.errors["is_default"] == [
        "New bookings need a policy. Give the tick to another one, and this one loses it by itself."
    ]
    policy.refresh_from_db()
    assert policy.is_default


def test_a_name_that_is_taken_is_refused_in_words(own: House, policy, manager: Client):
    PolicyFactory(hotel=own.hotel, name="Strict", is_default=False)
    answer = manager.post(page(policy), typed(FOURTEEN_SEVEN, policy=policy, name="Strict"))
    assert answer.context["adminform"].form.errors["name"] == [
        "Hotel Liffey has a policy of this name already. Choose another name."
    ]


def test_page_says_how_many_bookings_keep_the_old_terms(own: House, policy, manager: Client):
    stays.submitted(own.booking())
    assert "1 agreed booking keeps the terms it was made with." in text(manager.get(page(policy)))
    policy.name = "Fourteen/seven"
    policy.save()
    stays.submitted(own.booking(1))
    own.booking(2)  # a draft has agreed to nothing yet
    words = text(manager.get(page(policy)))
    assert "A change here counts for new bookings only." in words
    assert "2 agreed bookings keep the terms they were made with." in words


def test_editing_a_policy_changes_no_agreed_booking(own: House, policy, manager: Client):
    booking = stays.submitted(own.booking())
    manager.post(page(policy), typed([(0, "days", "percent", "100")], policy=None))
    manager.post(page(policy), typed([(14, "days", "fixed", "1")], policy=policy))
    assert stays.fresh(booking).terms == booking.terms


def test_a_policy_is_never_deleted(policy, manager: Client, staff):
    for client in (manager, staff("owner")):
        assert client.post(page(policy, "delete"), {"post": "yes"}).status_code == 403
    assert CancellationPolicy.objects.filter(pk=policy.pk).exists()


@pytest.mark.parametrize(("role", "code"), [("Manager", 200), ("owner", 200), ("Front desk", 403), ("Auditor", 403)])
def test_only_who_may_edit_asks_for_examples(policy, staff, role, code):
    sent = typed(FOURTEEN_SEVEN, hotel=policy.hotel_id)
    client = staff(role)
    assert client.post(reverse(f"{EXAMPLES}_of", args=[policy.pk]), sent).status_code == code
    assert client.post(reverse(EXAMPLES), sent).status_code == code
    assert client.get(reverse(EXAMPLES)).status_code == 405


def test_nobody_learns_another_hotels_prices(own: House, foreign: House, manager: Client):
    theirs = foreign.hotel.policies.get()
    sent = typed(FOURTEEN_SEVEN, hotel=foreign.hotel.pk)
    answers = [
        manager.post(reverse(f"{EXAMPLES}_of", args=[theirs.pk]), sent),
        manager.post(reverse(EXAMPLES), sent),
        manager.get(reverse(ADD), {"hotel": foreign.hotel.pk}),
        Client().post(reverse(EXAMPLES), sent),
    ]
    assert [answer.status_code for answer in answers] == [404, 404, 404, 302]


def test_examples_are_csrf_protected(own: House):
    client = Client(enforce_csrf_checks=True)
    client.force_login(UserFactory(role="Manager", hotels=[own.hotel]))
    assert client.post(reverse(EXAMPLES), typed(FOURTEEN_SEVEN)).status_code == 403


def test_without_a_hotel_or_a_price_the_page_says_what_is_missing(own: House, foreign: House):
    both = signed_in(UserFactory(role="Manager", hotels=[own.hotel, foreign.hotel]))
    assert problems(both.get(reverse(ADD))) == ["Choose the hotel to see examples with its prices."]
    Hotel.objects.filter(pk=own.hotel.pk).get().room_types.update(nightly_rate=0)
    answer = both.get(reverse(ADD), {"hotel": own.hotel.pk})
    assert problems(answer) == ["Examples appear once the hotel has a room type with a price."]


def test_who_may_only_look_reads_the_fees_in_words(policy, staff):
    CancellationTier.objects.filter(policy=policy, at_least=7).update(fee_kind="fixed", fee_value=5000)
    words = text(staff("Auditor").get(page(policy)))
    for each in ("€50.00", "100 percent of the price", "What cancelling costs, for example"):
        assert each in words
    assert reverse(f"{EXAMPLES}_of", args=[policy.pk]) not in words
    assert said(staff("Auditor").get(listing(policy))) == []


def test_terms_with_one_tier_say_that_it_always_holds(own: House, policy, manager: Client):
    CancellationTier.objects.filter(policy=policy, at_least__gt=0).delete()
    booking = stays.submitted(own.booking())
    assert "Always: The full price is kept." in text(manager.get(page(booking)))
