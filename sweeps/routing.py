"""Sockets by URL."""

from django.urls import URLPattern, re_path

from sweeps.consumers import SweepConsumer

websocket_urlpatterns: list[URLPattern] = [
    re_path(r"^ws/sweeps/(?P<public_id>[0-9A-Za-z]{12})/$", SweepConsumer.as_asgi()),
]
