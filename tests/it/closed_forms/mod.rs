//! Results that can be worked out with pencil and paper, held against whole experiments.
//!
//! Each test derives what it expects, from order statistics, by convolution, or by a few lines of Monte Carlo that share
//! nothing with the program.

mod addresses;
mod alarms;
mod bars;
mod caches;
mod caching;
mod called_entries;
mod clock;
mod composites;
mod containers;
mod dangling;
mod data_loss;
mod detection;
mod edge;
mod entries;
mod failover;
mod gray_zones;
mod guards;
mod home_regions;
mod internal_names;
mod kept;
mod lambda;
mod latency;
mod logs;
mod operations;
mod overload;
mod own_names;
mod percentiles;
mod places;
mod planned;
mod probes;
mod queues;
mod records;
mod recurring;
mod replacement;
mod replicas;
mod restarts;
mod restores;
mod scaling;
mod second_blows;
mod services;
mod sessions_and_dials;
mod shards;
mod shifts;
mod targets;
mod trees;
mod waiting;
mod walks;
mod watched;
mod writers;
