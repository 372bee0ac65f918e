"""A small multilingual laboratory: real words, sentences made by rule, exact labels."""
