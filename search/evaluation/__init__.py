"""How well does search find what answers? Judged questions go in, measures with intervals come out.

`folders` reads one, `judging` says what is relevant in a store, `stages` asks, `measures`
and `significance` turn rankings into figures.
"""
