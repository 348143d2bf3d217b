"""The three workers. None imports another; they meet in `shared`."""
