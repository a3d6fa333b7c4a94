"""How sure is it that a passage answers? Features become a probability, that a state."""
