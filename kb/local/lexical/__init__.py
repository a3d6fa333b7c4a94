"""Which passages hold which words? Positions of every word, and the rows not yet among them."""
