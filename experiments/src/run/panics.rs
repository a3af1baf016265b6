//! Panics inside trials: caught at the edge, with the place where they happened.
//!
//! A panic is a mistake of the program, never of the user's file. It ends the run, so its report must name the trial,
//! the failed assertion and the place in the source.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::panic::{self, AssertUnwindSafe};

thread_local! {
    static IN_TRIAL: Cell<bool> = const { Cell::new(false) };
    static PLACE: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Keeps the runtime from printing a panic inside a trial: the run reports it once, with the trial's number. Panics
/// elsewhere print as usual. Meant to be called once, by a program that owns its process.
pub fn keep_trial_panics_quiet() {
    let loud = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        if IN_TRIAL.get() {
            PLACE.set(info.location().map(ToString::to_string));
        } else {
            loud(info);
        }
    }));
}

/// Runs one trial. A panic becomes its message, with the place in the source if the quiet hook is installed.
pub(crate) fn trial_or_message<T>(trial: impl FnOnce() -> T) -> Result<T, String> {
    IN_TRIAL.set(true);
    // Worker and row are dropped on a panic, so a half-written state is never seen.
    let outcome = panic::catch_unwind(AssertUnwindSafe(trial));
    IN_TRIAL.set(false);
    outcome.map_err(|payload| {
        let message = text(payload.as_ref());
        match PLACE.take() {
            Some(place) => format!("{message} (at {place})"),
            None => message,
        }
    })
}

fn text(payload: &(dyn Any + Send)) -> String {
    if let Some(text) = payload.downcast_ref::<&str>() {
        (*text).to_owned()
    } else if let Some(text) = payload.downcast_ref::<String>() {
        text.clone()
    } else {
        "a panic without a message".to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::trial_or_message;

    #[test]
    fn a_panic_becomes_its_message() {
        assert_eq!(trial_or_message(|| ()), Ok(()));
        assert!(
            trial_or_message::<()>(|| panic!("lag is negative: {}", -1))
                .is_err_and(|text| text.starts_with("lag is negative: -1"))
        );
        assert!(
            trial_or_message::<()>(|| std::panic::panic_any(7_u8))
                .is_err_and(|text| text.contains("without a message"))
        );
    }
}
