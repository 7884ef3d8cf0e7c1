"""Bookings of a hotel's former system, from a CSV file."""
