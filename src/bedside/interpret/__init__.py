"""Record + knowledge → meaning; pure."""
