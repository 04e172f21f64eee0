//! Claims of a file over the readings of its study.
