"""Bringing models here and loading them."""
