"""Put the locks that were released before their releases had a history into the installation's chain."""

from django.db import migrations

from trail import guards, writing

LABEL = "bookings.signinrelease"


def begin(apps, schema_editor):
    """Give each a history row as of its moment, in the name of whoever released it."""
    using = schema_editor.connection.alias
    guards.note_shapes(apps, using)
    history = apps.get_model("bookings.HistoricalSignInRelease")._base_manager.using(using)
    known = set(history.values_list("id", flat=True))
    for release in apps.get_model("bookings.SignInRelease")._base_manager.using(using).order_by("pk"):
        if release.pk not in known:
            history.create(**row_of(release))
    chained = set(apps.get_model("trail.Entry").objects.using(using).filter(model=LABEL).values_list("record_id", flat=True))
    keys = history.order_by("pk").values_list("pk", flat=True)
    writing.append([(LABEL, key) for key in keys if key not in chained], apps=apps, using=using)


def row_of(release):
    """What simple-history would have written."""
    columns = [each.attname for each in release._meta.concrete_fields]
    return {
        **{name: getattr(release, name) for name in columns},
        "history_date": release.released_at,
        "history_type": "+",
        "history_user_id": release.released_by_id,
        "history_change_reason": release.reason,
        "actor_kind": "staff",
        "transition": "release",
    }


class Migration(migrations.Migration):
    dependencies = [("trail", "0003_begin"), ("bookings", "0020_releases_in_history")]

    # An entry is never taken out of a chain again.
    operations = [migrations.RunPython(begin, migrations.RunPython.noop)]
