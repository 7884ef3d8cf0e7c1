"""The signed ends of the chains: written each night, read by an auditor, trusted only with the right key."""

import json

import pytest
from django.apps import apps
from django.core import mail
from django.core.management import CommandError, call_command
from django.utils import timezone

from payments import chores
from tests.factories import HotelFactory
from tests.unguarded import unguarded
from trail import heads, writing
from trail.declared import history_of
from trail.models import Chain, Entry, Salt, SignedHeads

pytestmark = pytest.mark.django_db
NOW = timezone.now()


@pytest.fixture
def file(settings, tmp_path):
    """Where the lines go."""
    settings.AUDIT_HEADS_FILE = str(tmp_path / "heads.jsonl")
    settings.AUDIT_HEADS_EMAIL = "audit@example.com"
    HotelFactory()
    writing.write_pending()
    return tmp_path / "heads.jsonl"


def verified(file, *more, capsys):
    """The exit code of the command, and what it printed."""
    try:
        call_command("verify_audit", "--since-head", str(file), *more)
    except SystemExit as end:
        return end.code, capsys.readouterr().out
    return 0, capsys.readouterr().out


def test_worker_writes_mails_and_keeps_them(file):
    chores.sign_heads(NOW, None)
    chores.sign_heads(NOW, None)
    chain = Chain.objects.get()
    lines = file.read_text().splitlines()
    assert [json.loads(line)["heads"] for line in lines] == [
        [{"chain": chain.pk, "position": chain.length, "hash": chain.head}]
    ] * 2
    assert [each.to for each in mail.outbox] == [["audit@example.com"]] * 2
    assert mail.outbox[0].body.strip() == lines[0] == SignedHeads.objects.first().text
    assert heads.read(lines) == {chain.pk: {chain.length: chain.head}}


@pytest.mark.django_db(transaction=True)
def test_end_that_was_cut_off_shows_only_by_a_signed_head(file, capsys):
    heads.publish(NOW)
    last = Entry.objects.latest("position")
    with unguarded():
        Salt.objects.filter(entry=last).delete()
        history_of(last.model, apps)._base_manager.filter(pk=last.record_id)._raw_delete("default")
        Entry.objects.filter(pk=last.pk)._raw_delete("default")
        before = Entry.objects.latest("position")
        Chain.objects.update(length=before.position, head=before.hash)
    call_command("verify_audit")
    assert "Nothing was changed." in capsys.readouterr().out
    code, said = verified(file, capsys=capsys)
    assert (code, f"the chain was signed with {last.position} entries and has {before.position}" in said) == (1, True)


def test_answer_for_programs(file, capsys):
    heads.publish(NOW)
    code, said = verified(file, "--json", capsys=capsys)
    assert (code, json.loads(said)["findings"], json.loads(said)["entries"]) == (0, [], Chain.objects.get().length)


def test_line_that_nobody_signed_is_refused(file, settings):
    heads.publish(NOW)
    good = file.read_text()
    for bad in (
        good.replace('"position":5', '"position":4'),
        good.replace('"signature":"', '"signature":"00'),
        "{}",
        "[]",
    ):
        file.write_text(bad)
        with pytest.raises(CommandError, match="Line 1 is not signed with the key"):
            call_command("verify_audit", "--since-head", str(file))
    file.write_text(good)
    key = heads.public_key()
    settings.AUDIT_SIGNING_KEY = "11" * 32
    with pytest.raises(CommandError, match="not signed"):
        call_command("verify_audit", "--since-head", str(file))
    call_command("verify_audit", "--since-head", str(file), "--key", key)
