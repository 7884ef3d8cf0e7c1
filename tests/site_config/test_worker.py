"""The worker goes on, whatever one piece of its work comes to."""

from django.utils import timezone

from site_config.management.commands import worker


def test_work_that_breaks_ends_neither_the_worker_nor_the_other_work(monkeypatch):
    done = []

    def breaks(_now):
        raise LookupError("a row that makes no sense")

    def goes_on(now):
        done.append(now)
        return 1

    monkeypatch.setattr(worker, "ALWAYS", (breaks, goes_on))
    monkeypatch.setattr(worker, "PERIODIC", ())
    monkeypatch.setattr(worker.time, "sleep", lambda _seconds: None)
    monkeypatch.setattr(worker, "close_old_connections", lambda: None)
    assert worker.turn({})
    assert len(done) == 1
    assert done[0] <= timezone.now()


def test_work_that_nobody_wants_begins_no_thread(monkeypatch):
    monkeypatch.setattr(worker, "close_old_connections", lambda: None)
    now, asked = timezone.now(), []
    beside = worker.Beside(lambda _now: 1 / 0, every=worker.SECOND, wanted=lambda moment: asked.append(moment) or 0)
    beside.start_due(now)
    beside.start_due(now)
    assert (asked, beside.thread.ident) == ([now], None)
