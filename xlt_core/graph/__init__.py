"""Stages, their graph, the store of their results, and what runs them."""
