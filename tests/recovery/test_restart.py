"""Servers are restarted behind a socket that outlives them: whoever comes meanwhile waits, and nobody is refused."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from site_config import env
from tests.performance.production import Installation

pytestmark = pytest.mark.django_db(transaction=True)

SECONDS, RATE = 8, 20
UNITS = Path(env.__file__).parents[1] / "deploy" / "systemd"


def test_restart_behind_a_socket_refuses_nobody(database_url, stripe_simulator, tmp_path):
    variables = os.environ | {
        "DATABASE_URL": database_url,
        "DJANGO_SETTINGS_MODULE": "site_config.settings",
        "STRIPE_API_BASE": stripe_simulator.url,
    }
    page = {"kind": "page", "method": "GET", "path": "/booking/", "headers": {"Host": "localhost"}}
    plan = [{**page, "at": number / RATE} for number in range(SECONDS * RATE)]
    running = Installation(tmp_path, variables)
    command = [sys.executable, "-m", "tests.performance.traffic", str(running.port)]
    try:
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as traffic:
            traffic.stdin.write(json.dumps(plan))
            traffic.stdin.close()
            # Requests are in hand by then: the first ones wait until the servers have started.
            assert running.restart_web() > 0
            running.restart_worker()
            answers = json.loads(traffic.stdout.read())
    finally:
        running.close()
    assert {status for _, status, _, _ in answers} == {200}
    assert len(answers) == SECONDS * RATE


def test_socket_listens_where_the_servers_do():
    listens = re.findall(r"^ListenStream=(.*)$", (UNITS / "innkeep-web.socket").read_text(), re.M)
    assert listens == re.findall(r"^ExecStart=.* --bind (\S+)", (UNITS / "innkeep-web.service").read_text(), re.M)
