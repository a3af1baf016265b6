//! Named streams of random numbers and distributions.
