"""The words of the record; imports nothing of ours."""
