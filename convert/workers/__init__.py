"""Where tasks run: this process, several of this machine, or a Dask cluster."""
