"""Teams, members and invitations for programs. Whoever changes something here needs a token of the scope admin."""
