//! What theory says: the papers' closed forms, and exact references without random numbers.
