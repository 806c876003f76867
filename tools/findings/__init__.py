"""What the project's own people decided about the rows of the findings panels; each waits for sign-off."""
