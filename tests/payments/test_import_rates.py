"""`manage.py import_rates`: all rows or none, mistakes named by their line, nothing older over something newer."""

import contextlib
import io
import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from payments import rate_files
from payments.models import ExchangeRate
from payments.rate_files import BadFile

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
HEAD = "base,target,rate,source,quoted_at"
ROW = "PKR,USD,0.003571,State Bank,2026-11-20T09:00Z"


@pytest.fixture(autouse=True)
def noon(monkeypatch):
    """It is noon, UTC, on 20 November 2026."""
    monkeypatch.setattr(timezone, "now", lambda: NOW)


@pytest.fixture
def load(tmp_path):
    """Import a text as a file; return what was printed."""

    def run(text, name="rates.csv"):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        printed = io.StringIO()
        call_command("import_rates", str(path), stdout=printed)
        return printed.getvalue()

    return run


def stored():
    rows = ExchangeRate.objects.order_by("base", "target")
    return [(row.base, row.target, row.rate, row.source, row.quoted_at) for row in rows]


AT_NINE = datetime(2026, 11, 20, 9, tzinfo=UTC)
RUPEES = ("PKR", "USD", Decimal("0.003571"), "State Bank", AT_NINE)


def test_csv_is_loaded_and_told(load):
    printed = load(f'\ufeff{HEAD}\r\n{ROW}\r\nISK,EUR,0.0072,"Bank, central",2026-11-20T10:00+02:00\r\n')
    assert stored() == [("ISK", "EUR", Decimal("0.0072"), "Bank, central", AT_NINE - timedelta(hours=1)), RUPEES]
    assert printed == (
        "1 PKR = 0.003571 USD, State Bank, 2026-11-20 09:00 UTC: new\n"
        "1 ISK = 0.0072 EUR, Bank, central, 2026-11-20 08:00 UTC: new\n"
    )
    told = ExchangeRate.history.get(base="PKR")
    assert (told.transition, told.history_change_reason, told.actor_kind) == (
        "import_rates",
        "Loaded from rates.csv.",
        "command",
    )


def test_json_is_loaded_exactly(load):
    rows = [{"base": "PKR", "target": "USD", "source": "State Bank", "quoted_at": "2026-11-20T09:00:00Z"}]
    text = json.dumps(rows).replace("}", ', "rate": 0.003571}')
    assert load(text, "rates.json") == "1 PKR = 0.003571 USD, State Bank, 2026-11-20 09:00 UTC: new\n"
    assert stored() == [RUPEES]


def test_standard_input_is_read(monkeypatch):
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(f"{HEAD}\n{ROW}\n".encode())))
    call_command("import_rates", "-", stdout=io.StringIO())
    assert stored() == [RUPEES]
    assert ExchangeRate.history.get().history_change_reason == "Loaded from standard input."


def test_newer_rates_replace_and_older_ones_are_skipped(load):
    load(f"{HEAD}\n{ROW}")
    older = ROW.replace("T09:00", "T08:59").replace("0.003571", "0.9")
    assert load(f"{HEAD}\n{older}").endswith(": skipped: the stored rate is newer\n")
    assert load(f"{HEAD}\n{ROW}").endswith(": unchanged\n")
    assert (stored(), ExchangeRate.history.count()) == ([RUPEES], 1)
    newer = ROW.replace("T09:00", "T12:00").replace("0.003571", "0.0036")
    assert load(f"{HEAD}\n{newer}").endswith(": updated\n")
    assert stored() == [("PKR", "USD", Decimal("0.0036"), "State Bank", NOW)]


def test_correction_of_the_same_moment_replaces(load):
    load(f"{HEAD}\n{ROW}")
    assert load(f"{HEAD}\n{ROW.replace('0.003571', '0.003572')}").endswith(": updated\n")
    assert stored()[0][2] == Decimal("0.003572")


def test_all_or_none_are_stored(load, monkeypatch):
    real = rate_files.store_one

    def store_one(rate):
        if rate.base == "ISK":
            raise IntegrityError  # somebody has just entered it
        return real(rate)

    monkeypatch.setattr(rate_files, "store_one", store_one)
    with pytest.raises(CommandError, match="somebody entered such a rate just now"):
        load(f"{HEAD}\n{ROW}\n{ROW.replace('PKR', 'ISK')}")
    assert (stored(), ExchangeRate.history.count()) == ([], 0)


MISTAKES = [
    ("PKR,USD,0,State Bank,2026-11-20T09:00Z", "rate has to be above zero"),
    ("PKR,USD,-1,State Bank,2026-11-20T09:00Z", "rate has to be above zero"),
    ("PKR,USD,x,State Bank,2026-11-20T09:00Z", "rate 'x' is not a number, such as 0.0036"),
    ("PKR,USD,NaN,State Bank,2026-11-20T09:00Z", "rate 'NaN' is not a number, such as 0.0036"),
    ("PKR,USD,1_0,State Bank,2026-11-20T09:00Z", "rate '1_0' is not a number, such as 0.0036"),
    ("PKR,USD,1e12,State Bank,2026-11-20T09:00Z", "rate has more than 12 digits before or after the point"),
    (
        "PKR,USD,0.0000000000001,State Bank,2026-11-20T09:00Z",
        "rate has more than 12 digits before or after the point",
    ),
    ("PKX,USD,1,State Bank,2026-11-20T09:00Z", "base 'PKX' is not a currency, such as USD"),
    ("PKR,usd,1,State Bank,2026-11-20T09:00Z", "target 'usd' is not a currency, such as USD"),
    ("PKR,PKR,1,State Bank,2026-11-20T09:00Z", "PKR to itself needs no rate"),
    ("PKR,USD,1, ,2026-11-20T09:00Z", "source has to say whose rate it is, in up to 80 characters"),
    (f"PKR,USD,1,{81 * 'x'},2026-11-20T09:00Z", "source has to say whose rate it is, in up to 80 characters"),
    ("PKR,USD,1,a\x00b,2026-11-20T09:00Z", "source has to say whose rate it is, in up to 80 characters"),
    ("PKR,USD,1,State Bank,yesterday", "quoted_at 'yesterday' is not a time, such as 2026-11-20T09:00Z"),
    ("PKR,USD,1,State Bank,2026-11-20T09:00", "quoted_at needs its zone, such as 2026-11-20T09:00Z"),
    ("PKR,USD,1,State Bank,2026-11-20T12:00:01Z", "quoted_at '2026-11-20T12:00:01Z' lies in the future"),
    (
        "PKR,USD,1,State Bank,0001-01-01T00:00+14:00",
        "quoted_at '0001-01-01T00:00+14:00' is not a time, such as 2026-11-20T09:00Z",
    ),
    (ROW.replace("PKR", "ISK"), "ISK to USD is in the file twice"),
]


@pytest.mark.parametrize(("row", "words"), MISTAKES, ids=[words for _, words in MISTAKES])
def test_one_mistake_loads_nothing_and_names_its_line(load, row, words):
    with pytest.raises(CommandError) as refusal:
        load(f"{HEAD}\nISK,USD,0.007,State Bank,2026-11-20T09:00Z\n{row}\nEUR,USD,1.1,State Bank,2026-11-20T09:00Z\n")
    assert str(refusal.value) == f"Nothing was loaded.\nline 3: {words}"
    assert stored() == []


def test_every_mistake_is_listed(load):
    with pytest.raises(CommandError) as refusal:
        load(f"{HEAD}\nPKR,USD,0,State Bank,2026-11-20T09:00Z\nPKR,EUR,x,State Bank,2026-11-20T09:00Z\n")
    assert str(refusal.value).splitlines() == [
        "Nothing was loaded.",
        "line 2: rate has to be above zero",
        "line 3: rate 'x' is not a number, such as 0.0036",
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "line 1: the first line has to be base,target,rate,source,quoted_at"),
        (HEAD, "There is no rate in the file."),
        (f"target,base,rate,source,quoted_at\n{ROW}", f"line 1: the first line has to be {HEAD}"),
        (f"{HEAD}\nPKR,USD,1", "line 2: 3 values instead of 5"),
        (f"{HEAD}\n{ROW},x", "line 2: 6 values instead of 5"),
        (f'{HEAD}\n{ROW}\n"PKR', "line 3: unexpected end of data"),
        ("[]", "There is no rate in the file."),
        ("{}", "A JSON file has to be a list of objects."),
        ("[1]", "row 1: give exactly base, target, rate, source, quoted_at"),
        ('[{"base": "PKR"}]', "row 1: give exactly base, target, rate, source, quoted_at"),
        ('[{"base": "PKR", "base": "ISK"}]', "This is not JSON: a name is in an object twice"),
        ("[" * 100_000, "This is not JSON: "),
    ],
)
def test_a_file_of_another_shape_is_refused(load, text, words):
    with pytest.raises(CommandError) as refusal:
        load(text)
    assert str(refusal.value).startswith(f"Nothing was loaded.\n{words}")
    assert stored() == []


def test_json_values_of_other_kinds_are_refused(load):
    row = {"base": ["PKR"], "target": "USD", "rate": True, "source": None, "quoted_at": 5}
    with pytest.raises(CommandError, match="row 1: base \"\\['PKR'\\]\" is not a currency"):
        load(json.dumps([row]))
    for name, value in (("base", "PKR"), ("rate", "1"), ("source", "x")):
        row[name] = value
        with pytest.raises(CommandError, match="row 1: "):
            load(json.dumps([row]))
    assert stored() == []


@pytest.mark.parametrize("content", [b"\xff\xfe", b" " * 1_000_001])
def test_what_is_no_text_of_rates_is_refused(load, content):
    with pytest.raises(CommandError, match="Nothing was loaded"):
        load(content)


def test_missing_file_is_refused():
    with pytest.raises(CommandError, match=r"Nothing was loaded\. /no/such/file cannot be read"):
        call_command("import_rates", "/no/such/file")


@given(
    text=st.one_of(st.text(), st.text(alphabet='[]{}",:0123456789.eE-PKRUSDT\n').map(lambda more: f"{HEAD}\n{more}"))
)
def test_any_text_is_read_or_refused(text):
    with contextlib.suppress(BadFile):
        assert all(rate.value > 0 and rate.at <= NOW for rate in rate_files.read(text, now=NOW))
