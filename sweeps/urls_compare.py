"""Pages of comparisons."""

from django.urls import path

from sweeps.views import basket, compare, compare_saved, compare_sweeps

app_name = "compare"
urlpatterns = [
    path("", compare.compare, name="page"),
    path("sweeps/", compare_sweeps.compare_sweeps, name="sweeps"),
    path("sweeps/chosen/", compare_sweeps.chosen_sweeps, name="sweeps-chosen"),
    path("saved/", compare_saved.saved_list, name="saved-list"),
    path("saved/new/", compare_saved.save, name="save"),
    path("saved/<str:public_id>/", compare_saved.saved, name="saved"),
    path("saved/<str:public_id>/delete/", compare_saved.delete, name="delete"),
    path("basket/", basket.basket, name="basket"),
    path("best/", basket.best, name="best"),
    path("chosen/<str:public_id>/", basket.chosen, name="chosen"),
]
