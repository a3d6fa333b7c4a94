"""The local store: SQLite for the truth, FAISS beside it for speed, originals as files."""
