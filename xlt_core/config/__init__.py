"""From a recipe, a preset, a file and flags to one checked configuration."""
