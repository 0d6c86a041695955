"""Times upconv's kernels and those of other libraries in turns."""
