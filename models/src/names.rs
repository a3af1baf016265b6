//! What an experiment file defines under names and refers to elsewhere.

use sim_settings::form::{Defined, Thing};

/// Declares a type for each sort of thing that has names: the word for it, where a file defines it, and an example.
macro_rules! things {
    ($($(#[$doc:meta])* $name:ident: $word:literal, $under:literal, $example:literal;)+) => {
        $(
            $(#[$doc])*
            #[derive(Clone, Copy, Debug)]
            pub enum $name {}

            impl Defined for $name {
                const THING: Thing = Thing { word: $word, under: $under, example: $example };
            }
        )+
    };
}

things! {
    /// A region of the deployment.
    Region: "region", "regions", "eu-west-1";
    /// A store.
    Store: "store", "stores", "orders";
    /// A journey.
    Journey: "journey", "journeys", "checkout";
    /// A population of clients.
    Population: "population of clients", "clients", "europe";
    /// An alarm.
    Alarm: "alarm", "alarms", "checkout-errors";
}
