"""Readers: one file for each family of formats, each from numbered lines or records to examples.

What a reader can't read it reports with its line and goes on, so that one pass finds every mistake of a file;
whoever asked decides what becomes of them: a run stops, a doctor lists them.
"""
