"""What every request meets: NUL characters are refused, and each page has its security policy."""

from urllib.parse import urlencode

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.views.decorators.csrf import csrf_exempt

from site_config.middleware import RefuseNulMiddleware

NUL_REFUSED = {"success": False, "code": "ERR_VALIDATION", "error": "A NUL character is not allowed."}


@pytest.mark.parametrize("url", ["/admin/%00", "/admin/?q=%00", "/admin/?status__exact=a%00b", "/?%00=1"])
def test_nul_in_an_address_is_refused(client: Client, url: str):
    answer = client.get(url)
    assert (answer.status_code, "We could not read that" in answer.content.decode()) == (400, True)


def test_nul_is_refused_in_the_form_the_api_speaks(client: Client):
    answer = client.get("/api/public/hotel/?q=%00")
    assert (answer.status_code, answer.json()) == (400, NUL_REFUSED)


@pytest.mark.parametrize("content_type", ["urlencoded", "multipart"])
@pytest.mark.parametrize("fields", [{"name": "a\0b"}, {"na\0me": "a"}])
def test_nul_in_a_form_is_refused(fields: dict[str, str], content_type: str):
    assert answer_to_form(fields, content_type).status_code == 400


@pytest.mark.parametrize("content_type", ["urlencoded", "multipart"])
def test_other_characters_pass(content_type: str):
    assert answer_to_form({"name": "100 %\t%2500 ü 🛏"}, content_type).status_code == 200


def test_percent_sign_encoded_twice_is_text(client: Client):
    assert client.get("/?q=%2500").status_code == 302


@csrf_exempt
def reads_raw_body(request: HttpRequest) -> HttpResponse:
    return HttpResponse(str(len(request.body)))


def test_webhook_sent_as_a_form_keeps_its_body():
    request = RequestFactory().post("/", {"name": "a\0b"})
    assert through(request, reads_raw_body).status_code == 200


def answer_to_form(fields: dict[str, str], content_type: str) -> HttpResponse:
    factory = RequestFactory()
    if content_type == "multipart":
        return through(factory.post("/", fields), reads_form)
    body = urlencode(fields)
    return through(factory.post("/", body, "application/x-www-form-urlencoded"), reads_form)


def reads_form(request: HttpRequest) -> HttpResponse:
    return HttpResponse(request.POST["name"])


def through(request: HttpRequest, view):
    middleware = RefuseNulMiddleware(view)
    return middleware.process_view(request, view, (), {}) or middleware(request)


def test_guest_pages_have_the_strict_policy(client: Client):
    assert client.get("/nowhere/").headers["Content-Security-Policy"] == (
        "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; object-src 'none'; "
        "form-action 'self' https://checkout.stripe.com http://127.0.0.1:9; frame-ancestors 'none'; "
        "base-uri 'none'"
    )


@pytest.mark.django_db
def test_admin_has_the_policy_that_unfold_needs(client: Client):
    policy = client.get("/admin/login/").headers["Content-Security-Policy"]
    assert "script-src 'self' 'unsafe-eval'; style-src 'self' 'unsafe-inline';" in policy
    assert "form-action 'self'; frame-ancestors 'none'; base-uri 'none'" in policy
