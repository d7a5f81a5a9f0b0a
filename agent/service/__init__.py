"""What keeps the agent going: assembly, the main loop, workers, the clock, logs.

Here is the only place where real parts are made. Never here: logic.
"""
