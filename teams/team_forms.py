"""Forms of teams, their members and invitations."""

from typing import Any

from django import forms

from teams.access import Right, may
from teams.invitations import DAYS
from teams.members import MAX_NAME
from teams.models import Membership, Role


class TeamForm(forms.Form):
    name = forms.CharField(max_length=MAX_NAME, help_text="Its members see it at the top of the navigation.")


def roles_to_give(membership: Membership) -> list[tuple[str, str]]:
    """What the member may make others, the least first. Only owners make owners."""
    owner = may(membership, Right.OWN)
    return [(role.value, role.label) for role in reversed(Role) if owner or role != Role.OWNER]


class InvitationForm(forms.Form):
    email = forms.EmailField(
        label="Email address",
        required=False,
        help_text="Where the link is sent; only this address may use it. Empty: you get a link to hand on, good for one person.",
    )
    role = forms.ChoiceField()
    days = forms.TypedChoiceField(
        label="Holds for",
        coerce=int,
        choices=[(days, f"{days} day{'' if days == 1 else 's'}") for days in DAYS],
        initial=7,
    )

    def __init__(self, data: Any = None, *, membership: Membership) -> None:
        super().__init__(data)
        role = self.fields["role"]
        assert isinstance(role, forms.ChoiceField)
        role.choices = roles_to_give(membership)
        role.initial = Role.MEMBER.value
