"""What a report is about: whose hotels, which days, which money. The one place that says which database is read."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import Any, Final

from django.db.models import Model, Q, QuerySet

from bookings import reading
from bookings.models import Hotel

# Rows are read in portions of this size, however many there are.
CHUNK: Final = 2000


@dataclass(frozen=True)
class Scope:
    """Hotels and days (both ends included, by each hotel's own calendar); empty words choose everything."""

    hotels: tuple[Hotel, ...]
    first: date
    last: date
    currency: str = ""
    method: str = ""

    @cached_property
    def by_key(self) -> dict[int, Hotel]:
        """The hotels by their primary keys."""
        return {hotel.pk: hotel for hotel in self.hotels}

    def local(self, hotel: int, moment: datetime) -> date:
        """Return the hotel's own date at a moment."""
        return self.by_key[hotel].local(moment).date()

    def between(self, field: str, *, hotel: str = "hotel") -> Q:
        """Keep moments that lie within the days, by the clock of each hotel."""
        wanted = Q(pk__in=[])
        for zone in {each.time_zone: each.zone for each in self.hotels}.values():
            begin = datetime.combine(self.first, time(0), tzinfo=zone)
            end = datetime.combine(self.last + timedelta(days=1), time(0), tzinfo=zone)
            wanted |= Q(**{f"{hotel}__time_zone": zone.key, f"{field}__gte": begin, f"{field}__lt": end})
        return wanted

    def of_hotels(self, *, hotel: str = "hotel", booking: str = "") -> Q:
        """Keep rows of the hotels, and of the payment method where one is chosen."""
        wanted = Q(**{f"{hotel}__in": list(self.by_key)})
        return wanted & Q(**{f"{booking}payment_method": self.method}) if self.method else wanted

    def wants(self, currency: str) -> bool:
        """Whether money of a currency is asked for."""
        return not self.currency or currency == self.currency


def rows(model: type[Model]) -> QuerySet[Any]:
    """Return a model's rows from where reports are read: a replica, where the settings name one and it answers."""
    return model._default_manager.using(reading.database()).order_by()


def read(found: QuerySet[Any]) -> Iterator[Any]:
    """Yield rows in portions, so that memory does not grow with them."""
    yield from found.iterator(chunk_size=CHUNK)
