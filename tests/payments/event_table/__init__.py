"""What each event of Stripe's comes to in each state of a booking, written out by hand and read by a machine."""
