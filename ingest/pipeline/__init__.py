"""How does what was named come into the knowledge base? Read, cut, encoded, kept, reported."""
