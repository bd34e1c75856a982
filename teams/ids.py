"""Public ids: what URLs carry instead of primary keys."""

from django.db import models
from django.utils.crypto import get_random_string

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
LENGTH = 12


def new_public_id() -> str:
    """12 random letters and digits: 71 bits, so they can't be guessed and don't collide."""
    return get_random_string(LENGTH, ALPHABET)


class PublicIdModel(models.Model):
    """A model with a random public id."""

    public_id = models.CharField(max_length=LENGTH, unique=True, default=new_public_id, editable=False)

    class Meta:
        abstract = True
