"""Which passages may answer, and in which order? Candidates, ranking, what is shown of them."""
