"""Which passages are near a vector? A FAISS file, and the rows that it does not know yet."""
