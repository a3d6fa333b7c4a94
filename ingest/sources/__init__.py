"""What did a person name? Files, folders, web addresses, lists and records, each discovered."""
