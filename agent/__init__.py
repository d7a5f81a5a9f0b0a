"""nectar-bill-agent: bills dropped in folders become usage data beside them."""

__version__ = "0.1.0"
