"""Finding bookings by any part of their reference, or of the guest's name, e-mail or phone number.

PostgreSQL keeps an index of every three characters in a row of all of it together, so a million bookings are searched
like a thousand; SQLite reads them all. The expression here and the one in the index (migration 0021) must be equal.
"""

import re
from functools import reduce
from operator import and_
from typing import Any, Final

from django.db import connection
from django.db.models import BooleanField, F, Func, Q, QuerySet, Value
from django.db.models.functions import Replace

from bookings.models.booking import REFERENCE_LENGTH

FIELDS: Final = ("booking_id", "guest_name", "guest_email", "guest_phone")
# What people put between the digits of a number; as digits only, it is found however it was written.
BETWEEN: Final = " -()./"
# What people put between the parts of a reference: spaces, hyphens and dashes of any width.
SEPARATORS: Final = re.compile(r"[\s\u2010-\u2015\u2212-]+")
NUMBER: Final = re.compile(r"[+\d][\d ().\/-]{4,}")


class HasPart(Func):
    """Whether some text stands anywhere in what is searched, in upper or lower case."""

    template = (
        "(%(reference)s || ' ' || %(name)s || ' ' || %(email)s || ' ' || %(phone)s || ' ' ||"
        " regexp_replace(%(phone)s, '[^0-9]', '', 'g')) ILIKE %(part)s"
    )
    output_field = BooleanField()

    def __init__(self, part: str) -> None:
        escaped = re.sub(r"([\\%_])", r"\\\1", part)
        super().__init__(*(F(name) for name in FIELDS), Value(f"%{escaped}%"))

    def as_sql(self, compiler: Any, connection: Any, *_: Any, **__: Any) -> Any:
        """Return the condition. The phone number stands in it twice, as it was typed and as digits."""
        said = [compiler.compile(each)[0] for each in self.source_expressions[:-1]]
        part, params = compiler.compile(self.source_expressions[-1])
        names = ("reference", "name", "email", "phone")
        return self.template % dict(zip(names, said, strict=True), part=part), params


def reference(typed: str) -> str:
    """Return a reference as it is stored, however it was typed: "ks35 w52k-7y" is KS35W52K7Y."""
    return SEPARATORS.sub("", typed).upper()


def find(rows: QuerySet[Any], typed: str) -> QuerySet[Any]:
    """Return the bookings that have every word of what was typed, or its digits in a row in their phone number.

    A whole reference is found however it was typed.
    """
    words = typed.split()
    found = reduce(and_, map(has_part, words)) if words else Q()
    if len(whole := reference(typed)) == REFERENCE_LENGTH:
        found |= Q(booking_id=whole)
    if not NUMBER.fullmatch(typed):
        return rows.filter(found)
    return rows.alias(bare_phone=bare_phone()).filter(found | has_digits(national(typed)))


def with_digits(rows: QuerySet[Any], digits: str) -> QuerySet[Any]:
    """Return the bookings whose phone number has these digits in a row, however it was written."""
    return rows.alias(bare_phone=bare_phone()).filter(has_digits(digits))


def has_part(word: str) -> Any:
    """Return the condition that a word stands in a reference, name, e-mail or phone number."""
    if connection.vendor == "postgresql":
        return Q(HasPart(word))
    return Q(*((f"{name}__icontains", word) for name in FIELDS), _connector=Q.OR)


def has_digits(digits: str) -> Q:
    """Return the condition that a phone number has these digits in a row; the index narrows it down first."""
    exact = Q(bare_phone__contains=digits)
    return Q(HasPart(digits)) & exact if connection.vendor == "postgresql" else exact


def bare_phone() -> Any:
    """Return the phone number without what people put between its digits."""
    bare: Any = F("guest_phone")
    for mark in BETWEEN:
        bare = Replace(bare, Value(mark), Value(""))
    return bare


def national(typed: str) -> str:
    """Return a number's digits; without its one leading zero, as "086 555" is "+353 86 555" from abroad."""
    digits = re.sub(r"\D", "", typed)
    return digits[1:] if digits.startswith("0") and not digits.startswith("00") else digits.removeprefix("00")
