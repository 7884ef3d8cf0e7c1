"""Who may read what was refused and who signed in: managers and auditors. Nobody may write it."""

from importlib import import_module

from django.db import migrations

roles = import_module("site_config.migrations.0001_roles")

RIGHTS = {
    "Manager": (("bookings", "refusedattempt", "view_refusedattempt"),),
    "Auditor": (
        ("bookings", "refusedattempt", "view_refusedattempt"),
        ("bookings", "signin", "view_signin"),
    ),
}


def grant(apps, schema_editor):
    for role, rights in RIGHTS.items():
        group = apps.get_model("auth", "Group").objects.get(name=role)
        group.permissions.add(*(roles.permission(apps, *right) for right in rights))


def revoke(apps, schema_editor):
    for role, rights in RIGHTS.items():
        group = apps.get_model("auth", "Group").objects.get(name=role)
        group.permissions.remove(*(roles.permission(apps, *right) for right in rights))


class Migration(migrations.Migration):
    dependencies = [
        ("site_config", "0008_mail_rights"),
        ("bookings", "0018_records"),
    ]

    operations = [migrations.RunPython(grant, revoke)]
