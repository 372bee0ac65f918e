"""The training loop, what feeds it, and what reads its models."""
