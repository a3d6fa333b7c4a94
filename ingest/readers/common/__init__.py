"""What do readers of several formats share? Decoding, archives, tables, properties."""
