"""A migration that would stop an installation at work, or cannot be taken back, fails `./run check`."""

import pytest
from django.db import migrations, models
from django.db.migrations.state import ModelState, ProjectState

from bookings.migration_steps import AddIndexOnline
from site_config.devtools import migration_lint

INDEX = models.Index(fields=["status"], name="booking_status")
UNIQUE = models.UniqueConstraint(fields=["status"], name="one_of_each")


def before():
    """A booking, and a hotel, as they are before the migration."""
    state = ProjectState()
    for name in ("Booking", "Hotel"):
        fields = [
            ("id", models.BigAutoField(primary_key=True)),
            ("status", models.CharField(max_length=20)),
            ("note", models.TextField(null=True)),
        ]
        state.add_model(ModelState("bookings", name, fields, options={"indexes": []}))
    return state


def found(*steps, atomic=True, **attributes):
    """What is said of a migration with these steps, without the names of the steps."""
    made = type("Migration", (migrations.Migration,), {"operations": list(steps), "atomic": atomic, **attributes})
    return list(migration_lint.offences(made("0099_made_up", "bookings"), before()))


@pytest.mark.parametrize(
    ("step", "said"),
    [
        (migrations.RunPython(migrations.RunPython.noop), "cannot be taken back"),
        (migrations.RunSQL("SELECT 1"), "cannot be taken back"),
        (migrations.RemoveField("booking", "note"), "still reads this column"),
        (migrations.RenameField("booking", "note", "words"), "knows the old name only"),
        (migrations.RenameModel("Booking", "Stay"), "knows the old name only"),
        (migrations.DeleteModel("Booking"), "still uses this table"),
        (migrations.AddField("booking", "x", models.IntegerField(default=0)), "inserts rows without it"),
        (migrations.AddField("booking", "x", models.IntegerField(null=True, db_index=True)), "index locks writers"),
        (migrations.AddField("booking", "x", models.IntegerField(null=True, unique=True)), "index locks writers"),
        (migrations.AlterField("booking", "status", models.IntegerField()), "rewrites the table (varchar(20) to"),
        (migrations.AlterField("booking", "status", models.CharField(max_length=10)), "rewrites the table"),
        (migrations.AlterField("booking", "note", models.TextField()), "may still write NULL"),
        (migrations.AlterField("booking", "status", models.CharField(max_length=20, db_index=True)), "index locks"),
        (migrations.AddIndex("booking", INDEX), "locks writers out while it builds"),
        (AddIndexOnline("booking", INDEX), "set atomic = False"),
        (migrations.AddConstraint("booking", UNIQUE), "say why that is short"),
    ],
)
def test_step_that_locks_or_breaks_is_refused(step, said):
    (problem,) = found(step)
    assert said in problem


@pytest.mark.parametrize(
    "step",
    [
        migrations.RunPython(migrations.RunPython.noop, migrations.RunPython.noop),
        migrations.RunSQL("SELECT 1", migrations.RunSQL.noop),
        migrations.AddField("booking", "x", models.IntegerField(null=True)),
        migrations.AddField("booking", "x", models.IntegerField(default=0, db_default=0)),
        migrations.AddField("hotel", "x", models.IntegerField(null=True, db_index=True)),
        migrations.AddIndex("hotel", INDEX),
        migrations.AlterField("booking", "status", models.CharField(max_length=40)),
        migrations.AlterField("booking", "status", models.TextField()),
        migrations.AlterField("booking", "status", models.CharField(max_length=20, help_text="Where it stands")),
    ],
)
def test_step_that_nobody_notices_passes(step):
    assert found(step) == []


def test_index_that_is_built_beside_the_work_passes():
    assert found(AddIndexOnline("booking", INDEX), atomic=False) == []


def test_table_of_the_same_migration_is_nobodys_yet():
    made = migrations.CreateModel("Stay", [("id", models.BigAutoField(primary_key=True))])
    assert found(made, migrations.AddField("stay", "x", models.IntegerField(default=0))) == []


def test_reason_lets_a_step_pass_and_has_to_be_one():
    step, name = migrations.RemoveField("booking", "note"), "RemoveField booking.note"
    assert found(step, accepted={name: "unused since the version before, 0.4"}) == []
    assert len(found(step, accepted={name: "unused"})) == 1
    (problem,) = found(accepted={name: "unused since the version before, 0.4"})
    assert problem == f"{name} is accepted, and is not there"


def test_first_migration_of_an_app_may_do_all():
    assert found(migrations.RemoveField("booking", "note"), initial=True) == []


def test_every_migration_passes_and_none_is_listed_in_vain():
    assert migration_lint.problems() == []
    offending = {
        (migration.app_label, migration.name)
        for migration, state in migration_lint.in_order()
        if list(migration_lint.offences(migration, state))
    }
    assert offending >= set(migration_lint.LANDED)
    assert all(len(why) > migration_lint.SHORTEST_REASON for why in migration_lint.LANDED.values())
