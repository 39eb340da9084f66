"""The worked example is a project of its own: its tests are run where it is installed (test_example.py)."""

collect_ignore = ["example"]
