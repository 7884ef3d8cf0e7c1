"""The roles' right to the explorer: whoever answers for a hotel, and auditors."""

from importlib import import_module

from django.db import migrations

roles = import_module("site_config.migrations.0001_roles")

ROLES = ("Manager", "Auditor")
RIGHT = ("trail", "entry", "view_entry")


def grant(apps, schema_editor):
    for role in ROLES:
        group = apps.get_model("auth", "Group").objects.get(name=role)
        group.permissions.add(roles.permission(apps, *RIGHT))


def revoke(apps, schema_editor):
    for role in ROLES:
        group = apps.get_model("auth", "Group").objects.get(name=role)
        group.permissions.remove(roles.permission(apps, *RIGHT))


class Migration(migrations.Migration):
    dependencies = [
        ("site_config", "0009_record_rights"),
        ("trail", "0001_chain"),
    ]

    operations = [migrations.RunPython(grant, revoke)]
