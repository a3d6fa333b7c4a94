"""When does a file that came or changed go in? Folders are looked at until they rest."""
