"""What can be written behind an address: searches, filters, popups, chosen rows and names to complete."""

from typing import Any, Final

import pytest
from django.test import Client

from tests.matrix import world
from tests.matrix.cells import written
from tests.matrix.test_matrix import quick
from tests.matrix.world import AUDITOR, FOREIGN, FRONT_DESK, MANAGER, MARKS, World

__all__ = ["quick"]

LISTS: Final = {
    "bookings/booking": "booking",
    "bookings/bulkrun": "run",
    "bookings/exportrecord": "export",
    "bookings/hotel": "hotel",
    "bookings/message": "message",
    "bookings/removedbooking": "removed",
    "bookings/room": "room",
    "bookings/roomtype": "room_type",
    "bookings/accesstoken": "token",
    "bookings/user": "user",
    "cancellations/cancellationpolicy": "policy",
    "payments/dispute": "dispute",
    "payments/drift": "drift",
    "payments/payment": "payment",
    "payments/paymentoperation": "operation",
    "payments/refund": "refund",
    "payments/refundrequest": "refund_request",
    "payments/stripewebhookevent": "event",
}
CLOSED: Final = {FRONT_DESK: ("removed", "event", "user", "export"), MANAGER: ("user",), AUDITOR: ()}
# Looks into what no filter offers: by its count it would tell what it may not show. 400, or a list without it (302).
ORACLES: Final = (
    "pk__startswith=1",
    "hotel__slug__startswith=t",
    "booking__guest_email__startswith=a",
    "user__password__startswith=p",
    "token_hash__startswith=a",
    "links__token_hash__startswith=a",
)
# Who may do what to many bookings at once: as to a single one.
RUNS: Final = {
    "approve": (FRONT_DESK, MANAGER),
    "decline": (FRONT_DESK, MANAGER),
    "cancel": (FRONT_DESK, MANAGER),
    "soft_delete": (MANAGER,),
    "restore": (MANAGER,),
}
REFUSED: Final = (302, 400, 403)


@pytest.fixture
def made(db: None) -> World:
    """Both hotels."""
    return world.build()


def browsers(made: World) -> list[tuple[int, Client]]:
    """Everybody of the own hotel."""
    return [(role, made.browsers[role]) for role in CLOSED]


def shown(answer: Any) -> bool:
    """Whether a page has a name of the other hotel; what was typed comes back, so it is left out."""
    return MARKS[FOREIGN].encode() in answer.content.replace(f'value="{MARKS[FOREIGN]}"'.encode(), b"")


def test_searches_filters_and_popups_show_own_rows_only(quick: None, made: World) -> None:
    wrong = []
    for role, client in browsers(made):
        for place, kind in LISTS.items():
            hotel = made.rows["hotel", FOREIGN].pk
            for query in ("_popup=1", "all=", f"hotel={hotel}", f"hotel__id__exact={hotel}", "deleted=all"):
                answer = client.get(f"/admin/{place}/?{query}")
                expected = (403,) if kind in CLOSED[role] else (200, 302, 400)
                if answer.status_code not in expected or shown(answer):
                    wrong.append((role, place, query, answer.status_code))
    assert wrong == []


def test_searches_for_another_hotel_find_nothing(quick: None, made: World) -> None:
    for _role, client in browsers(made):
        for place in LISTS:
            answer = client.get(f"/admin/{place}/?q={MARKS[FOREIGN]}")
            if answer.status_code == 200 and "cl" in (answer.context_data or {}):
                assert set(answer.context_data["cl"].result_list) <= of_nobody(answer), place


def of_nobody(answer: Any) -> set[Any]:
    """What a list without a search shows anyway: its rows are the own hotel's."""
    listed = answer.context_data["cl"]
    return set() if listed.search_fields else set(listed.root_queryset)


def test_secrets_cannot_be_asked_for_letter_by_letter(quick: None, made: World) -> None:
    wrong = []
    for role, client in browsers(made):
        for place in LISTS:
            for query in ORACLES:
                status = client.get(f"/admin/{place}/?{query}").status_code
                if status not in REFUSED:
                    wrong.append((role, place, query, status))
    assert wrong == []


def test_chosen_rows_of_another_hotel_stay_as_they_are(quick: None, made: World) -> None:
    for _role, client in browsers(made):
        for place, kind in LISTS.items():
            pk = made.rows[kind, FOREIGN].pk
            for action in ("delete_selected", "approve", "soft_delete"):
                data = {"action": action, "_selected_action": [pk], "index": 0, "post": "yes", "select_across": 1}
                with written() as tables:
                    answer = client.post(f"/admin/{place}/", data)
                assert (tables, answer.status_code in (200, 302, 403)) == (set(), True), (place, action)


def test_runs_begin_with_the_right_of_their_action(quick: None, made: World) -> None:
    found = {}
    for role, client in browsers(made):
        for action in RUNS:
            data = {"action": action, "_selected_action": [made.rows["booking", "own"].pk], "index": 0}
            with written() as tables:
                found[role, action] = client.post("/admin/bookings/booking/?deleted=include", data).status_code
            assert tables == set(), (role, action)
    allowed = {(role, action) for (role, action), status in found.items() if status == 200}
    assert allowed == {(role, action) for action, who in RUNS.items() for role in who}
    assert {found[key] for key in found if key not in allowed} == {403}


def test_nothing_is_offered_of_another_hotel(quick: None, made: World) -> None:
    statuses = {}
    for role, client in browsers(made):
        for kind in ("own", FOREIGN):
            data = {"hotel": made.rows["hotel", kind].pk}
            statuses[role, kind] = client.post("/admin/bookings/booking/offers/", data).status_code
    let_in = {(role, kind): 404 if kind == FOREIGN else 200 for role, kind in statuses if role != AUDITOR}
    assert statuses == let_in | {(AUDITOR, "own"): 403, (AUDITOR, FOREIGN): 403}


def test_version_of_another_row_is_not_found(quick: None, made: World) -> None:
    for _role, client in browsers(made):
        for kind in ("booking", "room", "policy", "payment", "refund"):
            own, foreign = made.rows[kind, "own"], made.rows[kind, FOREIGN]
            place = f"/admin/{own._meta.app_label}/{own._meta.model_name}"
            version = foreign.history.first().history_id
            assert client.get(f"{place}/{own.pk}/history/{version}/").status_code == 404


def test_only_own_names_are_completed(quick: None, made: World) -> None:
    for _role, client in browsers(made):
        for field in ("hotel", "room", "room_type", "decision_made_by"):
            query = f"app_label=bookings&model_name=booking&field_name={field}&term="
            answer = client.get(f"/admin/autocomplete/?{query}")
            assert (answer.status_code in (200, 403), shown(answer)) == (True, False)
