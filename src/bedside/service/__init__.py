"""One use case a file: joins pure steps with store and exchange."""
