"""Programs about the project that are no tests, each with its make target."""
