"""People in Django's admin."""

from typing import TYPE_CHECKING

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import AdminUserCreationForm

from teams.models import Membership, Team, User

# Generic for the type checker only.
if TYPE_CHECKING:
    NewUser = AdminUserCreationForm[User]
    Users = UserAdmin[User]
    Inline = admin.TabularInline[Membership, Team]
    Admin = admin.ModelAdmin[Team]
else:
    NewUser, Users, Inline, Admin = AdminUserCreationForm, UserAdmin, admin.TabularInline, admin.ModelAdmin


class NewUserForm(NewUser):
    class Meta:
        model = User
        fields = ("email",)
        field_classes: dict[str, type[forms.Field]] = {}


@admin.register(User)
class PersonAdmin(Users):
    add_form = NewUserForm
    ordering = ("email",)
    list_display = ("email", "name", "is_active", "is_staff", "last_login")
    search_fields = ("email", "name")
    fieldsets = (
        (None, {"fields": ("email", "password")}),
        ("Person", {"fields": ("name", "time_zone", "theme")}),
        ("Rights", {"fields": ("is_active", "is_staff", "is_superuser", "groups", "user_permissions")}),
        ("Dates", {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = ((None, {"classes": ("wide",), "fields": ("email", "usable_password", "password1", "password2")}),)


class MembershipInline(Inline):
    model = Membership
    extra = 1
    autocomplete_fields = ("user",)


@admin.register(Team)
class TeamAdmin(Admin):
    list_display = ("name", "public_id", "created_at")
    search_fields = ("name", "public_id")
    inlines = (MembershipInline,)
