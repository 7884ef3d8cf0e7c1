"""Addresses of the public payment API."""

from django.urls import path

from payments import views

urlpatterns = [
    path("room-bookings/stripe-webhook/", views.stripe_webhook, name="stripe-webhook"),
]
