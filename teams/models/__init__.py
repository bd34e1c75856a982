"""People: who shares what."""

from teams.models.invitation import Invitation
from teams.models.secret import Secret, Unreadable
from teams.models.team import Membership, Role, Team
from teams.models.token import AccessToken, Scope
from teams.models.user import Theme, User

__all__ = ["AccessToken", "Invitation", "Membership", "Role", "Scope", "Secret", "Team", "Theme", "Unreadable", "User"]
