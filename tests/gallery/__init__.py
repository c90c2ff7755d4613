"""Pictures of the window for people to look at: ``python -m tests.gallery FOLDER``."""
