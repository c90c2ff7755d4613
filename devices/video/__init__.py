"""Pictures: receiving, recording and decoding, each source in processes of its own."""
