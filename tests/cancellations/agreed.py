"""Terms as they are frozen onto a booking, written short."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

DUBLIN = ZoneInfo("Europe/Dublin")
CHECK_IN = date(2026, 12, 15)


def tier(at_least, value, unit="days", fee="percent"):
    return {"at_least": at_least, "unit": unit, "fee": fee, "value": value}


FOURTEEN_SEVEN = [tier(14, 0), tier(7, 50), tier(0, 100)]
FLEXIBLE = [tier(24, 0, "hours"), tier(0, 1, fee="nights")]


def terms(
    tiers=FOURTEEN_SEVEN, *, price=34000, nights=2, currency="EUR", zone="Europe/Dublin", check_in_time="15:00"
):
    return {
        "version": 1,
        "policy": "14/7",
        "description": "",
        "tiers": tiers,
        "price": price,
        "nights": nights,
        "currency": currency,
        "zone": zone,
        "check_in_time": check_in_time,
        "deadline_hours": 24,
    }


def dublin(*parts):
    return datetime(*parts, tzinfo=DUBLIN)
