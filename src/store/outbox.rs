//! What waits to be sent to the hosted service.
