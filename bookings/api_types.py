"""What the API's fields are made of."""

from datetime import datetime
from typing import Annotated, Any

from django.utils.translation import gettext as _
from pydantic import AfterValidator, BeforeValidator, PlainSerializer, WithJsonSchema


def without_nul(text: str) -> str:
    """Return a text without white space around it; refuse what PostgreSQL cannot store."""
    if "\0" in text:
        raise ValueError(_("A NUL character is not allowed."))
    return text.strip()


def told(moment: datetime) -> str:
    """Return "2026-12-01T15:00:00+00:00": to the second, always with an offset, never with a Z."""
    return moment.isoformat(timespec="seconds")


def nothing_for_null(value: Any) -> Any:
    """Return an empty text for null: many programs send it for a field that was left empty."""
    return "" if value is None else value


# A text that a person typed.
type Text = Annotated[str, BeforeValidator(nothing_for_null), AfterValidator(without_nul)]
# A moment on the hotel's clock.
type Moment = Annotated[datetime, PlainSerializer(told), WithJsonSchema({"type": "string", "format": "date-time"})]
