"""One grammar a language: how each pattern of meaning is said in it."""
