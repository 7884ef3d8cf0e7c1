"""Kills, races and broken networks: whatever happens, the hotel's records and Stripe end up saying the same."""
