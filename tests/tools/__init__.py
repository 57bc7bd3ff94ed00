"""Programs about the project that are not tests. Each has a make target."""
