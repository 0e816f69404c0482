//! What the board shows after what the pipeline says.
