"""What does a person type to ask? The commands of this room."""
