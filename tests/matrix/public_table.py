"""The guests' pages, the API and Stripe's address: who is answered what. Written by hand."""

from typing import Final

from tests.matrix.rule import STAFF, Api, Public, Row

LINK: Final = "booking/manage/"
API: Final = "api/public/hotel/<slug>/room-bookings/<booking_id>/"

GUESTS: Final[tuple[Row, ...]] = (
    ("", Public(get=302, post=302, other=302)),
    ("favicon.ico", Public(get=302, post=302, other=302)),
    ("booking/", Public(get=200, post=400)),
    ("booking/sent/", Public(get=200)),
    ("booking/language/", Public(post=303)),
    # The same for every booking and for none.
    ("booking/cancel/<str:booking_id>/", Public(on="booking", get=200, post=400)),
    # Without a link these are 401, for staff as well: the desk has its own pages.
    (LINK, Public(get=401, guest={"GET": 200})),
    (f"{LINK}calendar/", Public(get=401, guest={"GET": 303})),
    (f"{LINK}cancel/", Public(get=401, post=401, guest={"GET": 200, "POST": 409})),
    (f"{LINK}pay/", Public(get=401, post=401, guest={"GET": 303, "POST": 409})),
    (f"{LINK}<str:key>/", Public(on="booking", get=302, deleted={"GET": 404})),
    ("booking/pay/return/", Public(get=200)),
    ("booking/pay/status/", Public(get=401, guest={"GET": 200})),
)

PROGRAMS: Final[tuple[Row, ...]] = (
    (API, Api(method="GET", guest=200, also={"POST": 200})),
    (f"{API}cancel/", Api(method="POST", guest=200)),
    # The booking is paid on arrival: 409 is the answer to those who are let in.
    (f"{API}payment/session/", Api(method="POST", guest=409, who="FMO", staff=409)),
    (f"{API}payment/retry/", Api(method="POST", guest=409, who="FMO", staff=409)),
    (f"{API}payment/status/", Api(method="GET", guest=200, who=STAFF, staff=200)),
    (f"{API}payment/verify/", Api(method="GET", guest=200, who="FMO", staff=200)),
    ("api/booking/client/<booking_id>/", Public(on="booking", get=202)),
    ("api/booking/client/<booking_id>/cancel/", Public(on="booking", post=422)),
    ("api/public/hotel/room-bookings/stripe-webhook/", Public(post=400)),
    # News of mails: whoever cannot sign them as the mail provider does is told nothing.
    ("webhooks/mail/<slug:provider>/", Public(post=403)),
    ("api/docs", Public(get=200, post=200, other=200)),
    ("api/openapi.json", Public(get=200, post=200, other=200)),
    ("api/", Public(get=404, post=404, other=404)),
    ("^api/", Public(get=404, post=404, other=404)),
)
