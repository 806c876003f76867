"""What happened; pure."""
