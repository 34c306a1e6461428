"""Telling people: the morning summary as a file, by mail and to chat robots; figures for Prometheus; the journal.

What leaves the machine holds counts and the names of sources only: no text, no names of persons or firms, no file
names. Those stand in the file under `<home>/morning/` and in `qingqian status`.
"""
