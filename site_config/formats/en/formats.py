"""How values that Django shows by itself are written: 14:00, not 2 p.m."""

TIME_FORMAT = "H:i"
DATE_FORMAT = "j M Y"
DATETIME_FORMAT = "j M Y, H:i"
