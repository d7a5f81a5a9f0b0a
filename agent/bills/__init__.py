"""What a bill is: values, stages, outcomes and the pure functions that choose stages.

Here live frozen values and decisions. Never here: I/O, the clock, logging, randomness, or any
library but simplejson, for exact digits (``exact_json``).
"""
