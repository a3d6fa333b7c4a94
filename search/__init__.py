"""Which passages answer, and how are they cited? Questions go in, ranked cited passages come out.

This room stands on `kb` and only reads; it knows nothing of `ingest`.
"""
