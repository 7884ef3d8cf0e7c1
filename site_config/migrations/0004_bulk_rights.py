"""Everybody who works with bookings may see the runs over many of them; what a run may do is the booking's rights."""

from importlib import import_module

from django.db import migrations

roles = import_module("site_config.migrations.0001_roles")

ROLES = ("Front desk", "Manager", "Auditor")
RIGHT = ("bookings", "bulkrun", "view_bulkrun")


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
        ("site_config", "0003_erasure_rights"),
        ("bookings", "0011_bulk_runs"),
    ]

    operations = [migrations.RunPython(grant, revoke)]
