"""Phoneme gap: phonemic input, and measures of the gap between languages."""
