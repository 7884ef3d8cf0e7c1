"""What the page of a policy shows around its form: presets, worked examples, and whom a change concerns."""

from typing import Any, Final

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.forms import inlineformset_factory
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone

from bookings.admin.history import ReadableHistoryAdmin
from bookings.models import GUEST_CANCELLABLE, Booking, Hotel
from cancellations.admin import presets
from cancellations.admin.examples import Examples, work_out
from cancellations.admin.tier import TierForm, fee_value
from cancellations.admin.tier_formset import TierFormSet
from cancellations.models import CancellationPolicy, CancellationTier

FRAGMENT: Final = "admin/cancellations/cancellationpolicy/examples.html"
NAME: Final = "cancellations_cancellationpolicy_examples"
# The form's own hidden fields are named after the relation.
Tiers = inlineformset_factory(
    CancellationPolicy, CancellationTier, form=TierForm, formset=TierFormSet, extra=0, can_delete=True
)


class PolicyPage(ReadableHistoryAdmin):
    """The pages of policies."""

    class Media:
        js = ("cancellations/policy.js",)

    def get_urls(self) -> list[URLPattern]:
        """Add the address that works out examples for tiers that are being typed."""
        view = self.admin_site.admin_view(self.examples_view)
        own = [path("examples/", view, name=NAME), path("<int:pk>/examples/", view, name=f"{NAME}_of")]
        return [*own, *super().get_urls()]

    def examples_view(self, request: HttpRequest, pk: int | None = None) -> HttpResponse:
        """Answer with the examples of posted tiers; nothing is stored."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        policy = self.typed_policy(request, pk)
        formset = Tiers(request.POST, instance=policy)
        return TemplateResponse(request, FRAGMENT, {"examples": of_formset(formset)})

    def typed_policy(self, request: HttpRequest, pk: int | None) -> CancellationPolicy:
        """Return the policy that is being edited, or a new one of a hotel of the person's; else 404 or 403."""
        policy = self.get_visible(request, str(pk)) if pk else None
        may = self.has_change_permission(request, policy) if policy else self.has_add_permission(request)
        if not may:
            raise PermissionDenied
        return policy or CancellationPolicy(hotel=chosen_hotel(request, request.POST.get("hotel")))

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Fill in a preset, and the hotel where there is but one."""
        preset = presets.find(request.GET.get("preset"))
        words = {"name": preset.name, "description": preset.description} if preset else {}
        return {"hotel": chosen_hotel(request, request.GET.get("hotel")), **words}

    def get_formset_kwargs(self, request: HttpRequest, obj: Any, inline: Any, prefix: str) -> dict[str, Any]:
        """Fill in the tiers of a preset."""
        kwargs = super().get_formset_kwargs(request, obj, inline, prefix)
        preset = presets.find(request.GET.get("preset"))
        if preset and not obj.pk and request.method == "GET":
            kwargs["initial"] = presets.typed_tiers(preset, chosen_hotel(request, request.GET.get("hotel")))
        return kwargs

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Say once more what is rarely meant, for whom the examples did not move while typing."""
        super().save_related(request, form, formsets, change)
        policy = form.instance
        for warning in work_out(policy.tiers.all(), policy.hotel, now=timezone.now()).warnings:
            self.message_user(request, warning, messages.WARNING)

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show the examples of what is stored, proposed, or was just refused."""
        policy: CancellationPolicy | None = kwargs.get("obj")
        context.update(around(request, policy, context["inline_admin_formsets"][0].formset))
        return super().render_change_form(request, context, *args, **kwargs)


def around(request: HttpRequest, policy: CancellationPolicy | None, formset: Any) -> dict[str, Any]:
    """Return what the page's template draws around the form."""
    hotel = policy.hotel if policy else chosen_hotel(request, request.GET.get("hotel"))
    return {
        "examples": of_formset(formset) if formset.is_bound else of_page(formset, policy, hotel),
        "examples_url": reverse(f"admin:{NAME}_of", args=[policy.pk]) if policy else reverse(f"admin:{NAME}"),
        "agreed": agreed_bookings(policy) if policy else 0,
        "presets": () if policy else presets.PRESETS,
        "chosen": request.GET.get("preset"),
        "chosen_hotel": hotel,
    }


def of_page(formset: Any, policy: CancellationPolicy | None, hotel: Hotel | None) -> Examples:
    """Return the examples of the stored tiers, or of a preset's."""
    tiers = (
        policy.tiers.all() if policy else [proposed(form.initial, hotel) for form in formset.forms if form.initial]
    )
    return work_out(tiers, hotel, now=timezone.now())


def proposed(initial: dict[str, Any], hotel: Hotel | None) -> CancellationTier:
    """Return a preset's row as a tier."""
    typed = {**initial}
    value = fee_value(typed.pop("fee"), typed["fee_kind"], hotel.currency if hotel else "EUR")
    return CancellationTier(**typed, fee_value=value)


def of_formset(formset: Any) -> Examples:
    """Return the examples of what was typed, or what is wrong with it."""
    policy = formset.instance
    if not formset.is_valid():
        return Examples(problems=formset.problems())
    return work_out(formset.typed(), policy.hotel if policy.hotel_id else None, now=timezone.now())


def chosen_hotel(request: HttpRequest, given: str | None) -> Hotel | None:
    """Return the person's hotel that an address or a form names, or their only one; 404 for another's."""
    user: Any = request.user
    own = user.visible_hotels()
    if not given:
        only = list(own[:2])
        return only[0] if len(only) == 1 else None
    found = own.filter(pk=given).first() if given.isascii() and given.isdecimal() and len(given) < 18 else None
    if found is None:
        raise Http404
    return found


def agreed_bookings(policy: CancellationPolicy) -> int:
    """Return how many bookings that can still be cancelled were agreed on by this policy, under any of its names."""
    names = set(policy.history.values_list("name", flat=True))
    bookings = Booking.objects.active().filter(hotel=policy.hotel, status__in=GUEST_CANCELLABLE)
    return bookings.filter(terms__policy__in=names).count()
