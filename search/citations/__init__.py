"""How is a passage cited? What is known of its document, in one line."""
