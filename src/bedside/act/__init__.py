"""What must happen next; pure."""
