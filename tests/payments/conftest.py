"""What the money's tests share."""

import pytest

from tests.simulator_process import StripeSimulator


@pytest.fixture
def no_rupees(stripe_simulator: StripeSimulator) -> StripeSimulator:
    """A Stripe that refuses rupees."""
    stripe_simulator.control("currencies", unsupported=["pkr"])
    return stripe_simulator
