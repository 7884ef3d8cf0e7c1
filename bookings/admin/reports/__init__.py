"""What happened in a time, as figures that each lead to the bookings behind them."""
