"""Functions of the notebook that a model may ask to be called."""
