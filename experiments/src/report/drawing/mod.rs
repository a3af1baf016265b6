//! Pictures of the page that are no charts: the deployment, a trial minute by minute, the stages of the recovery time.
//! They take their colours from the page.

pub(super) mod svg;
pub(super) mod timeline;
pub(super) mod topology;
pub(super) mod waterfall;
