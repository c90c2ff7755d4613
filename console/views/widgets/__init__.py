"""Small pieces that several screens share.  They know the theme and the speech, and keep no facts."""
