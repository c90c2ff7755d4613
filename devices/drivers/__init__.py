"""Pure protocol drivers: octets in, observations out; one module or package per family."""
