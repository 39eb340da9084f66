"""Hub: the automation hub that an online business manager runs for her clients' businesses."""

__version__ = "0.1.0"
