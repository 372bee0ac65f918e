"""From a configuration to a plan, or to everything that stands in its way."""
