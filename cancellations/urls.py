"""Addresses of the guest's pages, below /booking/. The fixed ones come before the one with the link's key."""

from django.urls import path

from cancellations import ask_views, language, payment_views, views

app_name = "guest"

urlpatterns = [
    path("", ask_views.ask, name="ask"),
    path("sent/", ask_views.sent, name="sent"),
    path("language/", language.choose, name="language"),
    path("cancel/<str:booking_id>/", ask_views.ask_for, name="ask-for"),
    path("manage/", views.manage, name="manage"),
    path("manage/calendar/", views.calendar, name="calendar"),
    path("manage/cancel/", views.cancel, name="cancel"),
    path("manage/pay/", payment_views.pay, name="pay"),
    path("manage/<str:key>/", views.open_link, name="open"),
    path("pay/return/", payment_views.returned, name="returned"),
    path("pay/status/", payment_views.status, name="pay-status"),
]
