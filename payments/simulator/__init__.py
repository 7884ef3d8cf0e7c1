"""A strict local Stripe: Checkout, manual capture, refunds, disputes, idempotency, webhooks and faults.

It speaks Stripe's HTTP API on loopback to the unmodified SDK, and shares no code with the application:

    python -m payments.simulator --port 8010 --state stripe.sqlite3 --api-key sk_test_innkeep \\
        --webhook http://127.0.0.1:8000/webhook/ --webhook-secret whsec_new,whsec_old

`/` is a dashboard for people, `/pay/<session>` the hosted payment page, `/v1/...` the API, and `/_sim/...`
the control API that tests use; README.md beside this file lists it.
"""
