"""Pages of comparisons."""

from django.urls import path

from sweeps.views import basket, compare

app_name = "compare"
urlpatterns = [
    path("", compare.compare, name="page"),
    path("basket/", basket.basket, name="basket"),
    path("best/", basket.best, name="best"),
    path("chosen/<str:public_id>/", basket.chosen, name="chosen"),
]
