"""Text to text of one language: tools, what keeps their words, and what runs them over a corpus."""
