"""All that knows the operation: the engine, what it writes down, and what people see of it."""
