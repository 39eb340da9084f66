"""Lantern as a connector of the automation hub."""
