"""Labelled sentences, their translations and the links between their words, as files and as data folders."""
