"""Uroman's own result for a line, many times faster: the package romanises each distinct piece once."""
