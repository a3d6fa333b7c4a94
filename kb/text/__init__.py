"""How are things written, for people and by them? Dates, numerals, lists, lines on a terminal."""
