"""What the product asks of Stripe's library, held against the types that the library lists for it.

The library itself checks nothing at run time: a misspelt key goes out, and Stripe refuses it when a guest pays.
"""

import ast
import inspect
import re
import sys
import typing
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from types import ModuleType, UnionType
from typing import Any

import pytest
import stripe
from stripe._stripe_service import StripeService

# The library's own modules name these for type checkers only.
LATE_NAMES = {"StripeContext": object, "Mapping": Mapping}
OPTIONS = set(stripe.RequestOptions.__annotations__)


@dataclass(frozen=True)
class Request:
    """One call of a service: "payment_intents.capture" with what was given to it."""

    name: str
    params: Mapping[str, Any]
    options: Mapping[str, Any]
    listed: Any

    def problems(self) -> list[str]:
        """Return what the library's types say against it, at every depth."""
        said = problems(self.options, stripe.RequestOptions, f"{self.name} options")
        # The library's parameter types carry the options, too; a client of ours must give them apart.
        said += [f"{self.name}.{key} is an option" for key in self.params if key in OPTIONS]
        return said + problems(self.params, self.listed, self.name)


@contextmanager
def recorded() -> Iterator[list[Request]]:
    """Record every request that is made of the library's services inside."""
    made: list[Request] = []
    plain = StripeService._request

    def request(service: Any, *args: Any, **given: Any) -> Any:
        method = sys._getframe(1).f_code.co_name
        made.append(
            Request(
                name=f"{service_name(service)}.{method}",
                params=given.get("params") or {},
                options=given.get("options") or {},
                listed=parameter_type(type(service), method),
            )
        )
        return plain(service, *args, **given)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(StripeService, "_request", request)
        yield made


def service_name(service: Any) -> str:
    """Return the class's name as a client spells it: PaymentIntentService is "payment_intent"."""
    words = re.findall(r"[A-Z][a-z]+", type(service).__name__.removesuffix("Service"))
    return "_".join(words).lower()


def parameter_type(service: type, method: str) -> Any:
    """Return the typed dictionary that a service's method takes."""
    hint = str(inspect.signature(getattr(service, method)).parameters["params"].annotation)
    (name,) = re.findall(r"\w+Params", hint)
    package = service.__module__.rpartition(".")[0].removeprefix("stripe").removeprefix(".")
    return getattr(import_module(f"stripe.params.{package}".rstrip(".")), name)


def calls_in(module: ModuleType) -> set[str]:
    """Return the services' methods that a module's source calls through `client().v1`."""
    chains = [
        chain(node.func) for node in ast.walk(ast.parse(inspect.getsource(module))) if isinstance(node, ast.Call)
    ]
    client = stripe.StripeClient("sk_test_types")
    return {called(client, names[1:]) for names in chains if names[:1] == ["v1"]}


def chain(node: ast.AST) -> list[str]:
    """Return the attributes that are taken of a call, the first one first."""
    return [*chain(node.value), node.attr] if isinstance(node, ast.Attribute) else []


def called(client: stripe.StripeClient, names: list[str]) -> str:
    """Return the name that a recorded request of the same method has."""
    service: Any = client.v1
    for name in names[:-1]:
        service = getattr(service, name)
    return f"{service_name(service)}.{names[-1]}"


def problems(value: Any, hint: Any, where: str) -> list[str]:
    """Return what is wrong with a value; only what the library's types use is implemented."""
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if hasattr(hint, "__required_keys__"):  # a typed dictionary, of whichever module
        return of_dictionary(value, hint, where)
    if origin in (typing.Union, UnionType):
        return min((problems(value, option, where) for option in closed(inner)), key=len)
    if origin is typing.Literal:
        return [] if value in inner else [f"{where} is {value!r}, not one of {list(inner)}"]
    if origin is list and isinstance(value, list):
        return [text for index, each in enumerate(value) for text in problems(each, inner[0], f"{where}[{index}]")]
    if origin is dict and isinstance(value, Mapping):
        keys = [text for key in value for text in problems(key, inner[0], f"{where} key")]
        return keys + [text for key, each in value.items() for text in problems(each, inner[1], f"{where}[{key}]")]
    kind = origin or hint
    is_right = isinstance(value, kind) and not (isinstance(value, bool) and kind is not bool)
    return [] if is_right else [f"{where} is {value!r}, not {getattr(kind, '__name__', kind)}"]


def closed(options: tuple[Any, ...]) -> list[Any]:
    """Return a union's options without the `str` that stands beside a list of words for those still to come.

    What we send has to be a word that is known today. An empty word alone is no list: it stands for "unset this".
    """
    is_list = any(typing.get_origin(each) is typing.Literal and any(typing.get_args(each)) for each in options)
    return [each for each in options if not (is_list and each is str)]


def of_dictionary(value: Any, hint: Any, where: str) -> list[str]:
    """Return what is wrong with a typed dictionary: strange keys, missing ones, wrong values."""
    if not isinstance(value, Mapping):
        return [f"{where} is {value!r}, not a dictionary"]
    known = typing.get_type_hints(hint, localns=LATE_NAMES)
    found = [f"{where}.{key} is unknown" for key in value if key not in known]
    found += [f"{where}.{key} is missing" for key in sorted(hint.__required_keys__) if key not in value]
    for key, each in value.items():
        found += problems(each, known[key], f"{where}.{key}") if key in known else []
    return found
