"""The files of an installation: what they name exists, and what they start starts from exactly what they copy."""

import os
import re
import shlex
import shutil
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
import yaml
from django.core.management import get_commands, load_command_class

from site_config import env, processes
from site_config.devtools.postgresql import free_port

CHECKOUT = Path(env.__file__).parents[1]
UNITS = sorted((CHECKOUT / "deploy" / "systemd").glob("*.service"))
SHAPE = re.compile(r"[A-Z][A-Z0-9_]{2,}")
# Of PostgreSQL's image, Python and the build; the rest is ours.
OTHERS = {
    "POSTGRES_USER",
    "POSTGRES_DB",
    "POSTGRES_PASSWORD_FILE",
    "PYTHONDONTWRITEBYTECODE",
    "PYTHONUNBUFFERED",
    "PATH",
}
PRODUCTION = {
    "ENV_FILE": "",
    "DEBUG": "0",
    "DJANGO_SECRET_KEY": "0123456789-abcdefghijklmnopqrstuvwxyz-ABCDEFGHIJKLMNOPQRST",
    "SITE_URL": "http://127.0.0.1",
    "DATABASE_URL": "sqlite:////nowhere/innkeep.sqlite3",
}


def composed():
    return yaml.safe_load((CHECKOUT / "compose.yaml").read_text())


def known():
    """Each variable that the settings read, as .env.example names it (a test of its own holds that one to env.py)."""
    names = set(re.findall(r"^#?([A-Z_]+)=", (CHECKOUT / ".env.example").read_text(), re.M))
    return names | {"ENV_FILE"} | {f"{name}_FILE" for name in names}


def given(unit):
    """The variables that a unit sets."""
    return set(re.findall(r"^Environment=([A-Z_]+)=", unit.read_text(), re.M))


def test_compose_names_only_variables_that_are_read():
    services = composed()["services"]
    named = {name for each in services.values() for name in each.get("environment", {})}
    assert named - OTHERS <= known()
    taken = set(re.findall(r"\$\{([A-Z_]+)", (CHECKOUT / "compose.yaml").read_text()))
    assert taken <= known()


def test_compose_hands_every_secret_in_as_a_file():
    services, secrets = composed()["services"], set(composed()["secrets"])
    for name in ("web", "worker", "migrate"):
        files = {k: v for k, v in services[name]["environment"].items() if k.endswith("_FILE")}
        assert {Path(each).name for each in files.values()} == set(services[name]["secrets"]) <= secrets
        assert not {*env.SECRETS} & {*services[name]["environment"]} - {"CACHE_URL"}
    assert all(each["file"].startswith("deploy/secrets/") for each in composed()["secrets"].values())
    assert "/deploy/secrets/" in (CHECKOUT / ".gitignore").read_text().split()


def test_compose_starts_nothing_before_the_tables_are_there():
    services = composed()["services"]
    assert services["migrate"]["depends_on"]["db"] == {"condition": "service_healthy"}
    for name in ("web", "worker"):
        assert services[name]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}
    assert services["web"]["ports"] == ["127.0.0.1:8000:8000"]


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.stem)
def test_unit_names_only_variables_that_are_read(unit):
    assert given(unit) <= known()
    example = (CHECKOUT / "deploy" / "innkeep.env.example").read_text()
    assert set(re.findall(r"^([A-Z_]+)=", example, re.M)) <= known()
    assert not {*env.SECRETS} & set(re.findall(r"^([A-Z_]+)=", example, re.M)) - {
        "STRIPE_PUBLISHABLE_KEY",
        "CACHE_URL",
    }


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.stem)
def test_unit_reads_each_secret_that_it_loads(unit):
    text = unit.read_text()
    loaded = set(re.findall(r"^LoadCredential=(\w+):/etc/innkeep/secrets/\1$", text, re.M))
    assert loaded == set(re.findall(r"^Environment=[A-Z_]+_FILE=%d/(\w+)$", text, re.M)) != set()
    assert {"NoNewPrivileges=yes", "ProtectSystem=strict", "User=innkeep", "CapabilityBoundingSet="} <= set(
        text.split()
    )


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.stem)
def test_unit_is_understood_by_systemd(unit, tmp_path):
    """Where there is systemd, it is asked: here the programs are elsewhere, which is all that may be wrong."""
    lines = [line for line in unit.read_text().splitlines() if line and not line.startswith("#")]
    assert [line for line in lines if not re.fullmatch(r"\[(Unit|Service|Install)\]|[A-Z]\w+=.*", line)] == []
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        return
    text = re.sub(r"/srv/innkeep/\.venv/bin/\w+", "/bin/true", unit.read_text())
    copy = tmp_path / unit.name
    copy.write_text(re.sub(r"(After|Wants)=.*\n", "", text))
    done = subprocess.run([analyze, "verify", str(copy)], capture_output=True, text=True)
    assert (done.stderr, done.returncode) == ("", 0)


def test_every_command_exists():
    services = composed()["services"]
    commands = [services[name]["command"] for name in ("migrate", "worker")]
    commands += [
        shlex.split(line) for unit in UNITS for line in re.findall(r"^ExecStart=(.*)", unit.read_text(), re.M)
    ]
    assert len(commands) == 2 + len(UNITS) == 5
    served = set()
    for program, *arguments in commands:
        if Path(program).name == "gunicorn":
            served.add(tuple(arguments))
            continue
        assert (Path(program).name, arguments[0]) == ("python", "manage.py")
        parser = load_command_class(get_commands()[arguments[1]], arguments[1]).create_parser("manage.py", "")
        parser.parse_args(arguments[2:])
    image_serves = re.search(r"^CMD (\[.*?\])$", (CHECKOUT / "Dockerfile").read_text(), re.M | re.S)[1]
    program, *arguments = yaml.safe_load(image_serves.replace("\\\n", ""))
    assert (program, len(served)) == ("gunicorn", 1)
    # Inside a container it listens for the other containers; all else is the same.
    assert [each.replace("0.0.0.0", "127.0.0.1") for each in arguments] == list(*served)
    check_gunicorn(arguments)


def check_gunicorn(arguments):
    """gunicorn reads its arguments, its settings and the application, and starts nothing."""
    done = subprocess.run(
        [sys.executable, "-m", "gunicorn", *arguments, "--check-config"],
        cwd=CHECKOUT,
        env=os.environ | PRODUCTION,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr


def image(folder):
    """Lay out what the Dockerfile copies into its second stage, without what .dockerignore keeps out."""
    text = (CHECKOUT / "Dockerfile").read_text()
    stage = text[text.rindex("\nFROM ") :]
    out = [line for line in (CHECKOUT / ".dockerignore").read_text().split() if not line.startswith(("!", "*"))]
    for line in re.findall(r"^COPY (?!--)(.*)", stage, re.M):
        *sources, to = line.split()
        for source in sources:
            copy(CHECKOUT / source, folder / to / ("" if to != "./" else source), left_out=out)


def copy(source, to, *, left_out):
    if source.is_file():
        shutil.copy(source, to)
        return

    def unwanted(where, names):
        here = Path(where).relative_to(CHECKOUT)
        return [name for name in names if name == "__pycache__" or str(here / name) in left_out]

    shutil.copytree(source, to, ignore=unwanted)


def test_what_the_image_copies_collects_its_files_and_serves(tmp_path):
    image(tmp_path)
    variables = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"} | PRODUCTION
    collecting = variables | {"STRIPE_API_BASE": "", "DATABASE_URL": ""}
    command = [sys.executable, "manage.py", "collectstatic", "--noinput", "--verbosity", "0"]
    done = subprocess.run(command, cwd=tmp_path, env=collecting, capture_output=True, text=True)
    assert (done.stderr, done.returncode) == ("", 0)
    port = free_port()
    serve = [sys.executable, "-m", "gunicorn", "site_config.wsgi", "--bind", f"127.0.0.1:{port}", "--preload"]
    variables |= {"DATABASE_URL": f"sqlite:///{tmp_path / 'db.sqlite3'}"}
    child = processes.start(serve, log=tmp_path / "log", env=variables, cwd=tmp_path)
    try:
        assert answer(f"http://127.0.0.1:{port}/healthz") == b"ok"
        page = answer(f"http://127.0.0.1:{port}/booking/").decode()
        styles = re.findall(r'href="(/static/guest/[^"]+\.[0-9a-f]{12}\.css)"', page)
        assert styles, page
        assert answer(f"http://127.0.0.1:{port}{styles[0]}")
    finally:
        processes.stop(child)


def answer(url, *, seconds=20):
    """Get a page, waiting for the server to start."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            with urllib.request.urlopen(url, timeout=5) as response:
                return response.read()
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def test_image_runs_as_nobody_special_and_says_whether_it_lives():
    text = (CHECKOUT / "Dockerfile").read_text()
    assert text.index("\nUSER innkeep") > text.index("collectstatic")
    assert "/healthz" in text[text.index("\nHEALTHCHECK") :]
    # No secret stays in a layer.
    assert not {*env.SECRETS} & set(re.findall(r"^(?:ENV|ARG) (\w+)", text, re.M))


def test_fronts_hand_on_what_the_settings_believe_and_keep_guests_links_out_of_logs():
    nginx = (CHECKOUT / "deploy" / "nginx.conf").read_text()
    caddy = (CHECKOUT / "deploy" / "Caddyfile").read_text()
    for header in ("X-Forwarded-For", "X-Forwarded-Proto"):
        assert f"proxy_set_header {header} $" in nginx
        assert f"header_up {header} {{" in caddy
    assert nginx.count("access_log off;") == nginx.count("server {")
    assert nginx.count("{") == nginx.count("}")
    assert "\n\tlog" not in caddy


def test_what_ssm_needs_is_pinned_as_the_tests_have_it():
    pinned = (CHECKOUT / "requirements-ssm.txt").read_text().partition("boto3==")
    development = (CHECKOUT / "requirements-dev.txt").read_text()
    for each in re.findall(r"^\S+==[^\n]*\n(?:    --hash[^\n]*\n)+", pinned[1] + pinned[2], re.M):
        assert each in development
