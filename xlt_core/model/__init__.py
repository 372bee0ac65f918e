"""Backbones and what stands on them."""
