//! Real processes and real faults: each proof breaks one thing, over and over, and then counts what is left.
//!
//! They are modules of one program so that those that mostly wait run beside those that mostly work. What has chance in
//! it prints its seed where it fails; `ROOST_SEED=<seed>` has it again, and the folder with profiles and journals stays.

mod devices;
mod disk;
mod half_open;
mod kills;
mod line;
mod plain;
mod window;
mod yesterday;
