"""Content-Security-Policy: one strict policy for guests, one that Unfold can live with for staff."""

from urllib.parse import urlsplit

from django.utils.csp import CSP

STRIPE_CHECKOUT = "https://checkout.stripe.com"

ADMIN_POLICY: dict[str, list[str]] = {
    "default-src": [CSP.SELF],
    # Unfold's Alpine.js compiles the expressions in its attributes.
    "script-src": [CSP.SELF, CSP.UNSAFE_EVAL],
    # Unfold writes its colours into a <style> element and Alpine.js sets style attributes.
    "style-src": [CSP.SELF, CSP.UNSAFE_INLINE],
    "img-src": [CSP.SELF, "data:"],
    "font-src": [CSP.SELF],
    "object-src": [CSP.NONE],
    "form-action": [CSP.SELF],
    "frame-ancestors": [CSP.NONE],
    "base-uri": [CSP.NONE],
}


def guest_policy(stripe_api_base: str) -> dict[str, list[str]]:
    """The policy of every page outside the admin.

    A browser applies `form-action` to the redirect that follows a POST as well, and "Pay" is a POST that
    redirects to Stripe's page, so Stripe's origin (or the simulator's, at `stripe_api_base`) has to be named.
    """
    payment_pages = [STRIPE_CHECKOUT]
    if stripe_api_base:
        payment_pages.append(origin(stripe_api_base))
    return {
        "default-src": [CSP.SELF],
        "script-src": [CSP.SELF],
        "style-src": [CSP.SELF],
        "img-src": [CSP.SELF, "data:"],
        "object-src": [CSP.NONE],
        "form-action": [CSP.SELF, *payment_pages],
        "frame-ancestors": [CSP.NONE],
        "base-uri": [CSP.NONE],
    }


def origin(url: str) -> str:
    """Scheme, host and port of `url`, as a policy names them."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
