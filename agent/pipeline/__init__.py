"""What happens next: steps (the life of a bill, in order), the scheduler's turn, the ports.

Read ``bills/stages.py``, then ``steps.py``, ``bills/decide_submission.py``, ``scheduler.py``.
Never here: SQL, HTTP, ``open``, threads, waiting.
"""
