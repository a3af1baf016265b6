//! Pictures of the page that are no charts: the deployment, a trial minute by minute, the stages of the recovery time.
//! The style of the page gives them their colours.

pub(super) mod svg;
pub(super) mod timeline;
pub(super) mod topology;
pub(super) mod waterfall;
