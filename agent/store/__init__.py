"""The agent's only memory: one SQLite file with rows, history, holds and requests.

Here lives SQL, and nothing that chooses a stage. Opened by the service for writing (one thread),
by everybody else for reading and for leaving requests.
"""
