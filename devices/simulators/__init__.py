"""The device's end of a wire, pure like the drivers, shipped for training and tests."""
