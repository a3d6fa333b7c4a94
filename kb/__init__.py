"""What is kept? Documents, revisions, passages and where each of them came from.

The ground floor of the house: records, the encoder and store contracts, the local store.
`ingest` and `search` stand on it; it imports neither.
"""

__version__ = "0.2.0.dev0"
