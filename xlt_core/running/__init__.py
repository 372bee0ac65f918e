"""Doing a plan: seeing that it can be done, then stage by stage."""
