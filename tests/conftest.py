"""What holds for every test: bounded, and the same on a slow machine as on a fast one."""

from hypothesis import settings

# Each example's time says more about the machine than about the code; pytest-timeout bounds all.
settings.register_profile("project", deadline=None)
settings.load_profile("project")
