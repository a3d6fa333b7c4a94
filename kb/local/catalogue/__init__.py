"""What is kept, in rows? Documents, revisions, passages, sources, originals: the truth."""
