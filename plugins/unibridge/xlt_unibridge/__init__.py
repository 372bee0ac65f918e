"""UniBridge: new vocabularies, aligned embeddings, anchored adapters, many sources."""
