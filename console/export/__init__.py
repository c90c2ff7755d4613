"""What leaves the console for other tools; every export carries the mode of the incident."""
