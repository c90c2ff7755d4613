"""The window: the only home of widgets.  Everything here draws the picture and sends back orders, no more."""
