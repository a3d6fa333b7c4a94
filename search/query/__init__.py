"""What does a question ask for? Its words, what must and must not stand, what else to look for."""
