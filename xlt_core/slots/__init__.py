"""One file a slot: the question it answers, the base class of its parts, and the core's own parts."""
