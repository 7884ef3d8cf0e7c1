"""Secrets in AWS's Parameter Store: read once, decrypted, and refused in words that name the variable."""

import subprocess
import sys
from importlib import import_module

import boto3
import pytest
from django.core.exceptions import ImproperlyConfigured
from moto import mock_aws

from site_config import env, env_ssm
from tests.site_config.test_env import CHECKOUT, PRODUCTION, SECRET, read

PATH = "/booking/production/stripe/secret_key"
NAMED = {"STRIPE_SECRET_KEY": "ssm:/booking/{env}/stripe/secret_key", "SSM_ENVIRONMENT": "production"}


@pytest.fixture
def store(monkeypatch):
    """An empty Parameter Store of AWS's."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    env_ssm.fetched.cache_clear()
    with mock_aws():
        yield boto3.client("ssm")
    env_ssm.fetched.cache_clear()


def put(store, path, value, kind="SecureString"):
    store.put_parameter(Name=path, Value=value, Type=kind, Overwrite=True)


def test_secret_is_read_from_the_environment_that_is_named(store):
    put(store, PATH, "sk_live_7\n")
    put(store, "/booking/staging/stripe/secret_key", "sk_test_1")
    assert read(**NAMED).stripe_secret_key == "sk_live_7"


def test_every_secret_can_be_a_parameter(store):
    for name in env.SECRETS:
        if name in PRODUCTION:
            put(store, f"/innkeep/{name}", PRODUCTION[name])
    given = {name: f"ssm:/innkeep/{name}" for name in env.SECRETS if name in PRODUCTION}
    assert len(given) == 6
    assert read(**given) == read()


def test_secret_is_asked_for_once_in_a_process(store):
    put(store, PATH, "sk_live_7")
    first = read(**NAMED)
    put(store, PATH, "sk_live_8")
    assert read(**NAMED) == first


@pytest.mark.parametrize(
    ("reference", "why"),
    [
        ("ssm:/booking/none", "AWS refuses to give /booking/none: ParameterNotFound"),
        ("ssm:booking/key", "expected ssm:/a/path"),
        ("ssm:", "expected ssm:/a/path"),
        ("ssm:/booking/key;rm", "expected ssm:/a/path"),
        ("ssm:/booking/{name}/key", "expected ssm:/a/path"),
        ("ssm:/plain", "/plain is a String; store it as a SecureString"),
    ],
)
def test_parameter_that_cannot_be_used_is_refused_by_name(store, reference, why):
    put(store, "/plain", SECRET, kind="String")
    with pytest.raises(ImproperlyConfigured) as refusal:
        read(DJANGO_SECRET_KEY=reference)
    assert str(refusal.value).startswith(f"DJANGO_SECRET_KEY: {why}")
    assert SECRET not in str(refusal.value)


def test_environment_without_a_name_is_refused(store):
    with pytest.raises(ImproperlyConfigured, match=r"^STRIPE_SECRET_KEY: \{env\} stands for SSM_ENVIRONMENT"):
        read(STRIPE_SECRET_KEY=NAMED["STRIPE_SECRET_KEY"])


def test_what_a_parameter_holds_is_as_strict_as_what_is_typed(store):
    put(store, PATH, "hunter2")
    with pytest.raises(ImproperlyConfigured, match=r"^STRIPE_SECRET_KEY: expected the form") as refusal:
        read(**NAMED)
    assert "hunter2" not in str(refusal.value)


def test_parameter_and_file_together_are_refused(store, tmp_path):
    with pytest.raises(ImproperlyConfigured, match=r"^STRIPE_SECRET_KEY: set either"):
        read(**NAMED, STRIPE_SECRET_KEY_FILE=str(tmp_path / "key"))


def test_aws_that_is_not_known_is_said(store, monkeypatch):
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    with pytest.raises(ImproperlyConfigured, match=r"^STRIPE_SECRET_KEY: AWS could not be asked .*: NoRegionError$"):
        read(**NAMED)


def test_without_boto3_the_refusal_says_what_to_install(monkeypatch):
    def without(name):
        if name == "boto3":
            raise ModuleNotFoundError(name)
        return import_module(name)

    env_ssm.fetched.cache_clear()
    monkeypatch.setattr(env_ssm, "import_module", without)
    with pytest.raises(ImproperlyConfigured, match=r"^STRIPE_SECRET_KEY: ssm: needs boto3.*requirements-ssm\.txt$"):
        read(**NAMED)


def test_boto3_is_not_imported_where_nothing_is_kept_at_aws():
    code = (
        f"import sys; from pathlib import Path; from site_config import env; "
        f"env.read({PRODUCTION!r}, checkout=Path({str(CHECKOUT)!r})); print('boto3' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
