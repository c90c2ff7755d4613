"""The window: a picture in, words and colours out; clicks become orders."""
