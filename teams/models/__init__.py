"""People: who shares what."""

from teams.models.team import Membership, Role, Team
from teams.models.user import Theme, User

__all__ = ["Membership", "Role", "Team", "Theme", "User"]
