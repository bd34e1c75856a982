"""People in Django's admin."""

from typing import TYPE_CHECKING, Any

from allauth.usersessions.models import UserSession
from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import AdminUserCreationForm
from django.db.models import Model
from django.http import HttpRequest

from teams.models import AccessToken, Invitation, Membership, Secret, Team, User

# Generic for the type checker only.
if TYPE_CHECKING:
    NewUser = AdminUserCreationForm[User]
    Users = UserAdmin[User]
    Inline = admin.TabularInline[Membership, Team]
    Admin = admin.ModelAdmin[Any]
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


class Kept(Admin):
    """Made and ended on the pages, where it is recorded who did it."""

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002  Django's signature
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002
        return False


@admin.register(AccessToken)
class AccessTokenAdmin(Kept):
    list_display = ("name", "user", "team", "scope", "prefix", "created_at", "expires_at", "last_used_at", "revoked_at")
    search_fields = ("name", "user__email", "team__name")
    list_select_related = ("user", "team")
    exclude = ("token_hash",)


@admin.register(Secret)
class SecretAdmin(Kept):
    """That a secret is there; never what it is."""

    list_display = ("name", "team", "updated_by", "updated_at")
    search_fields = ("name", "team__name")
    list_select_related = ("team", "updated_by")
    exclude = ("sealed",)


@admin.register(Invitation)
class InvitationAdmin(Kept):
    list_display = ("team", "email", "role", "created_by", "created_at", "expires_at", "accepted_by")
    search_fields = ("email", "team__name")
    list_select_related = ("team", "created_by", "accepted_by")
    exclude = ("token_hash",)


# allauth's own looks people up by a user name, which nobody has here.
admin.site.unregister(UserSession)


@admin.register(UserSession)
class SessionAdmin(Kept):
    list_display = ("user", "created_at", "last_seen_at", "ip", "user_agent")
    search_fields = ("user__email", "ip")
    list_select_related = ("user",)
    exclude = ("session_key", "data")
