"""What looks like personal data or a secret is taken out of every value; what does not is left alone."""

import pytest

from site_config.redaction import LONGEST, redact, redacted


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("refused ada.guest+x@mail.example.com today", "refused [e-mail] today"),
        ("zoë@gästehaus.example", "[e-mail]"),
        ("/booking/?contact=ada%40guest.example", "/booking/?contact=[e-mail]"),
        ("key sk_live_51Abc refused", "key [key] refused"),
        ("rk_test_51Abc, pk_test_x", "[key], [key]"),
        ("whsec_abc+/=", "[key]"),
        ("pi_3Nabc_secret_Xyz1", "[client secret]"),
        ("cs_test_a1B2", "[payment page]"),
        ("/booking/manage/ikg_Ab-c_d/", "/booking/manage/[removed]/"),
        ("/booking/manage/anything-else/", "/booking/manage/[removed]/"),
        ("ikg_Ab-c_d is the key", "[link] is the key"),
        ("see https://checkout.stripe.com/c/pay/cs_test_a1#fid", "see https://checkout.stripe.com/[removed]"),
        ("postgres://desk:word@db:5432/innkeep", "postgres://[removed]@db:5432/[removed]"),
        ("card 4242 4242 4242 4242", "card [card]"),
        ("4242424242424242", "[card]"),
        ("call +353 86 555 0123", "call [phone]"),
        ("+353865550123", "[phone]"),
    ],
)
def test_what_must_not_be_there_is_removed(text, left):
    assert redact(text) == left


@pytest.mark.parametrize(
    "text",
    [
        "capture:ABCDEFGH23:1",
        "guest_cancel_refund:ABCDEFGH23",
        "req_8hQ2Zk3tPq",
        "pi_3NabcDEF",
        "2026-11-21T14:03:37.485+00:00",
        "0f3c5a7788994e0f8a6fd0c1b2a39485",
        "4242424242424241",  # no card has this number
        "/booking/manage/<str:key>/",
        "/booking/manage/cancel/",
        "http://127.0.0.1:8000",
        "payments/webhooks.py:118 process",
    ],
)
def test_what_the_log_needs_is_left(text):
    assert redact(text) == text


def test_values_are_redacted_at_every_depth_and_private_fields_by_name():
    line = {
        "booking": "ABCDEFGH23",
        "amount": 4242424242424242,
        "paid": True,
        "guest_name": "Ada",
        "reply": {"text": ["to a@b.example", 1, None]},
        "client_secret": "x",
        "user_agent": "Phone",
        "cause": ValueError("a@b.example"),
    }
    assert redacted(line) == {
        "booking": "ABCDEFGH23",
        "amount": 4242424242424242,
        "paid": True,
        "guest_name": "[removed]",
        "reply": {"text": ["to [e-mail]", 1, None]},
        "client_secret": "[removed]",
        "user_agent": "[removed]",
        "cause": "[e-mail]",
    }


def test_a_text_without_end_is_cut():
    assert redact("x" * (LONGEST + 1)) == "x" * LONGEST
