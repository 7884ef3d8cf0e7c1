"""The rule that no code writes past history: what it finds, what it lets pass, and that the product is clean."""

from pathlib import Path

import pytest

from site_config.devtools import history_lint
from site_config.devtools.history_lint import ALLOWED, problems
from site_config.devtools.product_files import CHECKOUT

MODELS = """
class Stay(Model):
    history = audit.history()

class Fee(Model):
    stay = ForeignKey(Stay, related_name="fees")
    history = audit.history()

class Note(Model):
    stay = ForeignKey(Stay, related_name="notes")
"""


def found(tmp_path: Path, code: str) -> list[str]:
    """What the rule says of some code."""
    folder = tmp_path / "bookings" / "models"
    folder.mkdir(parents=True)
    (folder / "stay.py").write_text(MODELS)
    (tmp_path / "bookings" / "work.py").write_text(code)
    return [problem.removeprefix("bookings/work.py:") for problem in problems(tmp_path)]


@pytest.mark.parametrize(
    ("code", "what"),
    [
        ("Stay.objects.filter(pk=1).update(a=1)", "update() of Stay"),
        ("Stay._base_manager.update(a=1)", "update() of Stay"),
        ("Stay.objects.filter(pk=1).delete()", "delete() of Stay"),
        ("Stay.objects.bulk_create(rows)", "bulk_create() of Stay"),
        ("Stay.objects.bulk_update(rows, ['a'])", "bulk_update() of Stay"),
        ("Stay.objects.update_or_create(a=1)", "update_or_create() of Stay"),
        ("Stay.objects.all()._raw_delete('default')", "_raw_delete() of Stay"),
        ("Stay.history.filter(pk=1).update(a=1)", "update() of history"),
        ("rows = Stay.objects.filter(pk=1)\nrows.filter(b=2).update(a=1)", "update() of Stay"),
        ("rows = Stay.objects.filter(pk=1)\nrows.delete()", "delete() of Stay"),
        ("stay.fees.filter(b=2).update(a=1)", "update() of Fee"),
        ("stay.fees.all().delete()", "delete() of Fee"),
        ("def of(rows: QuerySet[Stay]) -> None:\n    rows.update(a=1)", "update() of Stay"),
        ("def rows() -> QuerySet[Stay]: ...\nrows().update(a=1)", "update() of Stay"),
        ("somebody().update(a=1)", "update() of what cannot be told"),
        ("somebody().update(**values)", "update() of what cannot be told"),
        ("somebody().bulk_create(rows)", "bulk_create() of what cannot be told"),
        ("with connection.cursor() as cursor:\n    cursor.execute('UPDATE')", "cursor(): SQL of its own"),
        ("Stay.objects.annotate(a=RawSQL('1', []))", "RawSQL(): SQL of its own"),
        ("Stay.objects.raw('DELETE')", "raw(): SQL of its own"),
        ("row.history_user = None", "history_user=None"),
        ("write(history_user=None)", "history_user=None"),
        ("row.skip_history_when_saving = True", "skip_history_when_saving"),
        ("row.save_without_historical_record()", "save_without_historical_record"),
    ],
)
def test_refused(tmp_path, code, what):
    said = found(tmp_path, code)
    assert said
    assert said[0].partition(": ")[2] == f"{what} writes past history"


@pytest.mark.parametrize(
    "code",
    [
        "Note.objects.filter(pk=1).update(a=1)",
        "stay.notes.all().delete()",
        "Note.objects.bulk_create(rows)",
        "from django.contrib.admin.models import LogEntry\nLogEntry.objects.update(a=1)",
        "stay = Stay.objects.filter(pk=1).first()\nstay.delete()",
        "def go(stay: Stay) -> None:\n    stay.delete()",
        "context.update(more)",
        "context.update({'a': 1})",
        "stay.save(update_fields=['a'])",
        "# no history: a dictionary of words\nsomebody().update(a=1)",
    ],
)
def test_allowed(tmp_path, code):
    assert found(tmp_path, code) == []


def test_a_mark_says_why(tmp_path):
    assert len(found(tmp_path, "# no history: no\nsomebody().update(a=1)")) == 1


def test_the_product_is_clean():
    assert problems(CHECKOUT) == []


def test_no_exception_is_left_over(monkeypatch):
    monkeypatch.setattr(history_lint, "ALLOWED", {})
    places = {problem.partition(":")[0] for problem in problems(CHECKOUT)}
    assert places == {path for path, _function in ALLOWED}


def test_a_checkout_is_read_whatever_the_folder_above_it_is_called(tmp_path: Path):
    assert found(tmp_path / "simulator" / "migrations", "Stay.objects.update(a=1)") == [
        "1: update() of Stay writes past history"
    ]
