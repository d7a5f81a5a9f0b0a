"""Folders: what lies in one, whose it is, and hints that something moved there.

Here live the reading of one folder, the rules which names are bills, the owner mark, and the
adapter of the file system's events. Never here: concluding anything from an event, which only
says "look there", or choosing what follows from a reading.
"""
