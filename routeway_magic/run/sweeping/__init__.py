"""A sweep under way: its questions, the threads that ask them, what is kept."""
