"""`./run demo`: the whole product on this machine, with test data and a simulated Stripe."""
