"""Accounts: what hpweb says to django-allauth, and the few pages that it does not have."""
