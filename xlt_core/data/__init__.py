"""Where labels and texts come from."""
