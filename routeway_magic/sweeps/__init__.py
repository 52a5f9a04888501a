"""The same question under many settings: the grid, its variants, what each came to."""
