"""Secrets that are kept in AWS's Parameter Store: `NAME=ssm:/booking/{env}/stripe/secret_key`.

Optional: boto3 comes with requirements-ssm.txt, and is not imported where no variable begins with `ssm:`.
"""

import re
from functools import cache
from importlib import import_module
from typing import Any, Final

PREFIX: Final = "ssm:"
INSTALL: Final = "ssm: needs boto3, which is not installed: pip install --require-hashes -r requirements-ssm.txt"
SHAPE: Final = re.compile(r"(/[\w.-]+)+", re.ASCII)
# A start that hangs tells less than one that fails.
SECONDS: Final = 5
TRIES: Final = 3


def is_reference(value: str) -> bool:
    """Whether a variable names a parameter instead of holding its value."""
    return value.startswith(PREFIX)


def read(value: str, *, environment: str) -> str:
    """Return the SecureString that `ssm:/a/path` names; `{env}` in it stands for the name of this environment.

    ValueError, in words that repeat no secret, where it cannot be had.
    """
    path = value.removeprefix(PREFIX).strip()
    if "{env}" in path and not environment:
        raise ValueError("{env} stands for SSM_ENVIRONMENT, which is not set")
    path = path.replace("{env}", environment)
    if not SHAPE.fullmatch(path):
        raise ValueError("expected ssm:/a/path, with letters, digits and . _ - between the slashes")
    return fetched(path)


@cache
def fetched(path: str) -> str:
    """Ask AWS, once for each parameter and process: a start reads some variables more than once."""
    # Only here, and by name: an installation without AWS has no boto3, and importing it takes half a second.
    try:
        boto3: Any = import_module("boto3")
        errors: Any = import_module("botocore.exceptions")
        config: Any = import_module("botocore.config")
    except ModuleNotFoundError:
        raise ValueError(INSTALL) from None
    limits = config.Config(connect_timeout=SECONDS, read_timeout=SECONDS, retries={"max_attempts": TRIES})
    try:
        answer = boto3.client("ssm", config=limits).get_parameter(Name=path, WithDecryption=True)
    except errors.ClientError as error:
        raise ValueError(f"AWS refuses to give {path}: {error.response['Error']['Code']}") from None
    except errors.BotoCoreError as error:
        raise ValueError(f"AWS could not be asked for {path}: {type(error).__name__}") from None
    parameter = answer["Parameter"]
    if parameter["Type"] != "SecureString":
        raise ValueError(f"{path} is a {parameter['Type']}; store it as a SecureString")
    return str(parameter["Value"])
