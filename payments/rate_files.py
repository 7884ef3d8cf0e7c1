"""Exchange rates from a file: read strictly, stored all together or not at all.

A CSV file has the header `base,target,rate,source,quoted_at`; a JSON file is a list of objects with these keys.
"""

import csv
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from django.db import transaction

from bookings import audit
from payments.models import ExchangeRate
from payments.money import Rate, known_currencies

COLUMNS: Final = ("base", "target", "rate", "source", "quoted_at")
# What the table's columns hold.
RATE_DIGITS: Final = 12
LONGEST_SOURCE: Final = 80

type Row = Mapping[str, Any]


class BadFile(Exception):
    """A file that was not loaded; each of `problems` names its line."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True)
class Loaded:
    """What became of one row: stored, updated, unchanged or skipped."""

    rate: Rate
    result: str


def read(text: str, *, now: datetime) -> list[Rate]:
    """Return the rates of a CSV or JSON text; BadFile lists everything that is wrong with it."""
    rows = list(json_rows(text) if text.lstrip().startswith(("[", "{")) else csv_rows(text))
    rates: dict[tuple[str, str], Rate] = {}
    problems = [] if rows else ["There is no rate in the file."]
    for place, row in rows:
        try:
            rate = rate_from(row, now=now)
            refuse_twice(rate, rates)
            rates[rate.base, rate.target] = rate
        except ValueError as error:
            problems.append(f"{place}: {error}")
    if problems:
        raise BadFile(problems)
    return list(rates.values())


def refuse_twice(rate: Rate, earlier: Mapping[tuple[str, str], Rate]) -> None:
    """Raise ValueError for a pair that the file has given before: nobody could say which one counts."""
    if (rate.base, rate.target) in earlier:
        raise ValueError(f"{rate.base} to {rate.target} is in the file twice")


def csv_rows(text: str) -> Iterator[tuple[str, Row]]:
    """Yield the rows of a CSV text with their lines."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = next(reader, [])
        if tuple(header) != COLUMNS:
            raise BadFile([f"line 1: the first line has to be {','.join(COLUMNS)}"])
        for cells in reader:
            yield f"line {reader.line_num}", csv_row(cells, line=reader.line_num)
    except csv.Error as error:
        raise BadFile([f"line {reader.line_num}: {error}"]) from error


def csv_row(cells: list[str], *, line: int) -> Row:
    """Return one line's cells by their columns."""
    if len(cells) != len(COLUMNS):
        raise BadFile([f"line {line}: {len(cells)} values instead of {len(COLUMNS)}"])
    return dict(zip(COLUMNS, cells, strict=True))


def json_rows(text: str) -> Iterator[tuple[str, Row]]:
    """Yield the objects of a JSON text with their numbers. Numbers are read exactly, never as floats."""
    try:
        found = json.loads(text, parse_float=Decimal, parse_int=Decimal, object_pairs_hook=named_once)
    except (ValueError, RecursionError) as error:
        raise BadFile([f"This is not JSON: {error}"]) from error
    if not isinstance(found, list):
        raise BadFile(["A JSON file has to be a list of objects."])
    for number, row in enumerate(found, start=1):
        if not isinstance(row, dict) or set(row) != set(COLUMNS):
            raise BadFile([f"row {number}: give exactly {', '.join(COLUMNS)}"])
        yield f"row {number}", row


def named_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return a JSON object; ValueError for a name that is in it twice, of which JSON would keep the last."""
    if len(dict(pairs)) != len(pairs):
        raise ValueError("a name is in an object twice")
    return dict(pairs)


def rate_from(row: Row, *, now: datetime) -> Rate:
    """Return the rate of one row; ValueError says what is wrong with it."""
    base, target = currency(row, "base"), currency(row, "target")
    if base == target:
        raise ValueError(f"{base} to itself needs no rate")
    return Rate(base=base, target=target, value=value(row), source=source(row), at=quoted_at(row, now=now))


def currency(row: Row, name: str) -> str:
    """Return a currency's code, in capitals as the file has to have it."""
    code = row[name]
    if not isinstance(code, str) or code not in known_currencies():
        raise ValueError(f"{name} {shown(code)} is not a currency, such as USD")
    return code


def value(row: Row) -> Decimal:
    """Return the rate: above zero, with up to twelve digits on each side of the point."""
    try:
        number = Decimal(row["rate"]) if isinstance(row["rate"], str | Decimal) else Decimal("NaN")
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or "_" in str(row["rate"]):
        raise ValueError(f"rate {shown(row['rate'])} is not a number, such as 0.0036")
    if number <= 0:
        raise ValueError("rate has to be above zero")
    if number >= 10**RATE_DIGITS or number != round(number, RATE_DIGITS):
        raise ValueError(f"rate has more than {RATE_DIGITS} digits before or after the point")
    return number


def source(row: Row) -> str:
    """Return whose rate it is."""
    text = row["source"].strip() if isinstance(row["source"], str) else ""
    if not text or len(text) > LONGEST_SOURCE or not text.isprintable():
        raise ValueError(f"source has to say whose rate it is, in up to {LONGEST_SOURCE} characters")
    return str(text)


def quoted_at(row: Row, *, now: datetime) -> datetime:
    """Return since when the rate is quoted: with its zone, and not in the future."""
    try:
        moment = datetime.fromisoformat(row["quoted_at"])
        has_zone = moment.tzinfo is not None
        moment = moment.astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        raise ValueError(f"quoted_at {shown(row['quoted_at'])} is not a time, such as 2026-11-20T09:00Z") from None
    if not has_zone:
        raise ValueError("quoted_at needs its zone, such as 2026-11-20T09:00Z")
    if moment > now:
        raise ValueError(f"quoted_at {shown(row['quoted_at'])} lies in the future")
    return moment


def shown(found: Any) -> str:
    """Return a value as the message repeats it, cut where it is long."""
    return repr(str(found)[:40])


def store(rates: list[Rate], *, name: str) -> list[Loaded]:
    """Store rates, all or none; what is older than the stored one is left out. `name` goes into the history."""
    with transaction.atomic(), audit.change("import_rates", f"Loaded from {name}."):
        return [Loaded(rate, store_one(rate)) for rate in rates]


def store_one(rate: Rate) -> str:
    """Store one rate; return what became of it."""
    row = ExchangeRate.objects.select_for_update().filter(base=rate.base, target=rate.target).first()
    if row is not None and rate.at < row.quoted_at:
        return "skipped"
    if row is not None and (row.rate, row.source, row.quoted_at) == (rate.value, rate.source, rate.at):
        return "unchanged"
    result = "stored" if row is None else "updated"
    row = row or ExchangeRate(base=rate.base, target=rate.target)
    row.rate, row.source, row.quoted_at = rate.value, rate.source, rate.at
    row.save()
    return result
