"""How the words of the mini world sound (IPA) and how they are written in Latin letters."""
