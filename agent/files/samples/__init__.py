"""Sample bills for the demo, made by our own hands: nothing in them exists.

`write_sample_bills` makes a folder of them and says what should become of each. Never here:
reading bills.
"""

from agent.files.samples.writing import SampleBill, write_sample_bills

__all__ = ["SampleBill", "write_sample_bills"]
