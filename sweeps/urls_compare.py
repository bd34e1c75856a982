"""Pages of comparisons."""

from django.urls import path

from sweeps.views import basket, compare, compare_saved

app_name = "compare"
urlpatterns = [
    path("", compare.compare, name="page"),
    path("saved/", compare_saved.saved_list, name="saved-list"),
    path("saved/new/", compare_saved.save, name="save"),
    path("saved/<str:public_id>/", compare_saved.saved, name="saved"),
    path("saved/<str:public_id>/delete/", compare_saved.delete, name="delete"),
    path("basket/", basket.basket, name="basket"),
    path("best/", basket.best, name="best"),
    path("chosen/<str:public_id>/", basket.chosen, name="chosen"),
]
