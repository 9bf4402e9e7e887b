//! What `app` makes of settings.
