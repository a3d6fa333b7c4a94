"""How does a file become passages? Sources are read, cleaned, cut, encoded and kept.

This room stands on `kb`; it knows nothing of `search`.
"""
