"""Migrations on databases with rows: killed halfway, taken back, and run again."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.contrib.auth.models import Group
from django.db import connection

from site_config import env
from tests.recovery import backups
from tests.recovery.day import refund
from tests.stays import confirmed, guest_cancels, paid, with_page

CHECKOUT = Path(env.__file__).parents[1]
ROWS = 100_000
SETTINGS = """
import os, environ
DATABASES = {"default": environ.Env.db_url_config(os.environ["DATABASE_URL"])}
INSTALLED_APPS = ["killed"]
USE_TZ = True
"""
FIRST = """
from django.db import migrations, models

class Migration(migrations.Migration):
    initial = True
    operations = [migrations.CreateModel("Row", [
        ("id", models.BigAutoField(primary_key=True)),
        ("n", models.IntegerField()),
        ("doubled", models.IntegerField(null=True)),
    ])]
"""
SECOND = """
from functools import partial
from django.db import migrations
from django.db.models import F
from bookings.migration_steps import in_batches

def fill(apps, schema_editor):
    rows = apps.get_model("killed", "Row").objects.using(schema_editor.connection.alias)
    in_batches(lambda: rows.filter(doubled=None), lambda some: some.update(doubled=F("n") * 2), using="default")

def empty(apps, schema_editor):
    rows = apps.get_model("killed", "Row").objects.using(schema_editor.connection.alias)
    in_batches(lambda: rows.exclude(doubled=None), lambda some: some.update(doubled=None), using="default")

class Migration(migrations.Migration):
    atomic = False
    dependencies = [("killed", "0001_row")]
    operations = [migrations.RunPython(fill, empty)]
"""
# Each app back to where its tables were first there, the trail to before it; and everything forward again.
BACK_AND_FORTH = """
import django
django.setup()
from django.core.management import call_command
from bookings.models import Booking
from payments.models import Payment, Refund

def facts():
    return [
        list(Booking.objects.order_by("pk").values_list("booking_id", "status", "total_amount")),
        list(Payment.objects.order_by("pk").values_list("status", "price", "amount_captured", "amount_refunded")),
        list(Refund.objects.order_by("pk").values_list("status", "amount", "provider")),
        [Booking.history.count(), Payment.history.count(), Refund.history.count()],
    ]

before = facts()
assert [len(each) for each in before] == [4, 4, 2, 3], before
for app, target in (
    ("site_config", "0001"), ("trail", "zero"), ("cancellations", "0001"), ("payments", "0001"), ("bookings", "0002")
):
    call_command("migrate", app, target, verbosity=0)
call_command("migrate", verbosity=0)
assert facts() == before, (before, facts())
call_command("migrate", check_unapplied=True)
call_command("verify_audit")
"""


@pytest.fixture
def other(request, tmp_path, transactional_db):
    """The name of another database of the same server, gone afterwards; for SQLite, of a file."""
    if connection.vendor == "sqlite":
        yield str(tmp_path / "other.sqlite3")
        return
    name = f"{backups.name()}_other"
    yield name
    backups.run("dropdb", "--force", "--if-exists", name, folder=tmp_path)


def url_of(name):
    facts = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{name}"
    word = f":{facts['PASSWORD']}" if facts["PASSWORD"] else ""
    return f"postgres://{facts['USER']}{word}@{facts['HOST']}:{facts['PORT']}/{name}"


def variables(name, **more):
    return os.environ | {"DATABASE_URL": url_of(name), "DJANGO_SETTINGS_MODULE": "site_config.settings"} | more


def manage(*arguments, env):
    command = [sys.executable, "-m", "django", *arguments]
    done = subprocess.run(command, cwd=CHECKOUT, env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


@pytest.mark.postgres
def test_filling_of_a_hundred_thousand_rows_is_killed_and_ends_right(other, tmp_path):
    app = tmp_path / "killed"
    (app / "migrations").mkdir(parents=True)
    (app / "__init__.py").touch()
    (app / "migrations" / "__init__.py").touch()
    (app / "migrations" / "0001_row.py").write_text(FIRST)
    (app / "migrations" / "0002_fill.py").write_text(SECOND)
    (tmp_path / "killed_settings.py").write_text(SETTINGS)
    path = os.pathsep.join((str(tmp_path), str(CHECKOUT)))
    env = variables(other, PYTHONPATH=path, DJANGO_SETTINGS_MODULE="killed_settings")
    backups.run("createdb", "--template=template0", other, folder=tmp_path)
    manage("migrate", "killed", "0001", env=env)
    ask(other, f"INSERT INTO killed_row (n) SELECT generate_series(1, {ROWS})", tmp_path)
    child = subprocess.Popen([sys.executable, "-m", "django", "migrate", "-v0"], cwd=CHECKOUT, env=env)
    while (done := count(other, "doubled IS NOT NULL", tmp_path)) == 0:
        assert child.poll() is None, "it ended before it could be killed"
        time.sleep(0.02)
    child.send_signal(signal.SIGKILL)
    assert child.wait() == -signal.SIGKILL
    done = count(other, "doubled IS NOT NULL", tmp_path)
    assert 0 < done < ROWS
    assert done % 1000 == 0
    assert "[ ] 0002_fill" in manage("showmigrations", env=env)
    manage("migrate", env=env)
    assert count(other, "doubled = 2 * n", tmp_path) == ROWS
    manage("migrate", "killed", "0001", env=env)
    assert count(other, "doubled IS NULL", tmp_path) == ROWS
    manage("migrate", env=env)
    assert count(other, "doubled = 2 * n", tmp_path) == ROWS


def ask(name, statement, folder):
    """Ask the other database by psql."""
    return backups.run("psql", "-qtAX", f"--dbname={name}", "--command", statement, folder=folder)


def count(name, condition, folder):
    return int(ask(name, f"SELECT count(*) FROM killed_row WHERE {condition}", folder))


def test_every_app_goes_back_and_forth_with_rows_in_it(other, tmp_path, stripe_simulator):
    for role in ("Front desk", "Manager", "Auditor"):  # other tests have emptied their table
        Group.objects.get_or_create(name=role)
    refund(stripe_simulator, confirmed(stripe_simulator))
    guest_cancels(confirmed(stripe_simulator))
    paid(stripe_simulator)
    with_page()
    backups.restore(backups.dump(tmp_path), to=other)
    done = subprocess.run(
        [sys.executable, "-c", BACK_AND_FORTH], cwd=CHECKOUT, env=variables(other), capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert "Nothing was changed." in done.stdout
