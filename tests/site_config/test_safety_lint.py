"""The rule about HTML, CSRF and Stripe's library: what it finds, what it lets pass, and that the product is clean."""

from pathlib import Path

import pytest

from site_config.devtools.product_files import CHECKOUT
from site_config.devtools.safety_lint import ALLOWED, problems


def found(tmp_path: Path, code: str, name: str = "bookings/work.py", **allowed: str) -> list[str]:
    """What the rule says of some code; `allowed` names functions."""
    path = tmp_path / name
    path.parent.mkdir(parents=True)
    path.write_text(code)
    return problems(tmp_path, {(name, function): why for function, why in allowed.items()})


@pytest.mark.parametrize(
    ("code", "what"),
    [
        ("mark_safe(text)", "mark_safe()"),
        ("safestring.mark_safe(text)", "mark_safe()"),
        ("SafeString(text)", "SafeString()"),
        ("@mark_safe\ndef work(): ...", "@mark_safe"),
        ("format_html(f'<b>{name}</b>')", "format_html() of a text that is put together"),
        ("format_html('<b>' + name)", "format_html() of a text that is put together"),
        ("format_html('<b>%s' % name)", "format_html() of a text that is put together"),
        ("format_html('<b>{}'.format(name))", "format_html() of a text that is put together"),
        ("format_html_join('', f'<b>{name}', rows)", "format_html_join() of a text that is put together"),
        ("@csrf_exempt\ndef work(): ...", "@csrf_exempt"),
        ("view = csrf_exempt(view)", "csrf_exempt()"),
        ("import stripe", "Stripe's library past the gateway"),
        ("import stripe.checkout as pages", "Stripe's library past the gateway"),
        ("from stripe import StripeClient", "Stripe's library past the gateway"),
        ("importlib.import_module('stripe')", "Stripe's library past the gateway"),
        ("__import__('stripe.error')", "Stripe's library past the gateway"),
        ("sys.modules['stripe']", "Stripe's library past the gateway"),
    ],
)
def test_refused(tmp_path: Path, code: str, what: str):
    (said,) = found(tmp_path, code)
    assert (said.startswith("bookings/work.py:"), said.partition(": ")[2]) == (True, what)


@pytest.mark.parametrize(
    "code",
    [
        "def shown() -> SafeString: ...",
        "format_html('<b>{}</b>', name)",
        "format_html(SHOWN, name)",
        "format_html_join(', ', LINK, rows)",
        "from payments import stripe_account",
        "from payments.gateway import stripe_error",
        "word = 'stripe'",
    ],
)
def test_let_pass(tmp_path: Path, code: str):
    assert found(tmp_path, code) == []


@pytest.mark.parametrize(
    "text", ["{{ name|safe }}", "{{ name | safe }}", "{{ rows|safeseq }}", "{% autoescape off %}"]
)
def test_templates_escape_everything(tmp_path: Path, text: str):
    name = "templates/guest/page.html"
    assert found(tmp_path, f"<p>\n{text}", name) == [f"{name}:2: the template does not escape this"]


def test_the_gateway_is_where_stripes_library_is(tmp_path: Path):
    assert found(tmp_path, "import stripe", "payments/gateway.py") == []


def test_what_is_allowed_passes_in_its_function_only_and_is_needed(tmp_path: Path):
    code = "def work():\n    mark_safe(text)\ndef other():\n    mark_safe(text)"
    assert found(tmp_path, code, work="why", gone="why") == [
        "bookings/work.py:4: mark_safe()",
        "bookings/work.py: gone needs no exception",
    ]


def test_the_product_has_nothing_else():
    assert problems(CHECKOUT) == []


def test_each_exception_says_why():
    assert [place for place, why in ALLOWED.items() if len(why) < 20] == []
