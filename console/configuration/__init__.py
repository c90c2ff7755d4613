"""What the vehicle carries and whom it serves: the model, its TOML file, and the check of that file."""
