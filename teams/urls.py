"""A person's own settings."""

from django.urls import path

from teams import views

app_name = "teams"
urlpatterns = [path("theme/", views.theme, name="theme")]
