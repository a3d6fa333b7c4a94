"""What does a person type to fill a knowledge base? The commands of this room."""
