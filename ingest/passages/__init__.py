"""Where is a text cut? A reading is laid out, cut into passages, and named by its revision."""
