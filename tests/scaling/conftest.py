"""A real pooler in front of the test database."""

from collections.abc import Iterator

import pytest
from django.db import connection, connections

from site_config import env_urls
from site_config.devtools import pgbouncer


@pytest.fixture
def pooler(transactional_db: None) -> Iterator[int]:
    """The port of a pooler with two connections to the server, however many clients there are."""
    facts = connection.settings_dict
    place = {"host": facts["HOST"] or "127.0.0.1", "port": int(facts["PORT"] or 5432)}
    with pgbouncer.running(**place, user=facts["USER"], password=facts["PASSWORD"], connections=2) as port:
        yield port


@pytest.fixture
def behind_the_pooler(pooler: int) -> Iterator[None]:
    """Everything of this process reaches the database through the pooler, as DATABASE_POOLER=1 has it."""
    facts = connection.settings_dict
    before = dict(facts)
    connections.close_all()
    facts.update({**env_urls.databases(facts, {}, is_pooled=True)["default"], "HOST": "127.0.0.1", "PORT": pooler})
    try:
        yield
    finally:
        connections.close_all()
        facts.clear()
        facts.update(before)
