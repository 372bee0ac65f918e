"""translit-PPA: post-training that pulls a text and its Latin transliteration together."""
