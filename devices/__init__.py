"""All that knows a wire format or a wire.  Imports nothing of the console and no Qt."""
