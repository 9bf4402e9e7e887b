//! Which route a path is; doubled and trailing slashes make no difference, for clients follow no redirect.

/// Where a request goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place<'a> {
    /// Tools of a project, in JSON-RPC: `/mcp/{project}`.
    JsonRpc(&'a str),
    /// Tools of a project, as `{tool, params}`: `/v1/{project}/mcp`, `/api/mcp/{project}`.
    Rest(&'a str),
    /// A project's settings for clients: `/v1/{project}/automation`.
    Automation(&'a str),
    /// What this server is: `/capabilities`.
    Capabilities,
}

impl<'a> Place<'a> {
    /// Finds the route of a path.
    pub(super) fn of(path: &'a str) -> Option<Self> {
        let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
        match parts.as_slice() {
            ["mcp", project] => Some(Self::JsonRpc(project)),
            ["v1", project, "mcp"] | ["api", "mcp", project] => Some(Self::Rest(project)),
            ["v1", project, "automation"] => Some(Self::Automation(project)),
            ["capabilities"] => Some(Self::Capabilities),
            _ => None,
        }
    }

    /// Returns the project that the path names.
    pub(super) const fn project(self) -> Option<&'a str> {
        match self {
            Self::JsonRpc(project) | Self::Rest(project) | Self::Automation(project) => Some(project),
            Self::Capabilities => None,
        }
    }

    /// Returns the one method that the route has.
    pub(super) const fn method(self) -> &'static str {
        match self {
            Self::JsonRpc(_) | Self::Rest(_) => "POST",
            Self::Automation(_) | Self::Capabilities => "GET",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slashes_make_no_difference_and_all_else_is_no_route() {
        for path in ["/mcp/shop", "//mcp/shop", "/mcp//shop/", "mcp/shop", "///mcp///shop///"] {
            assert_eq!(Place::of(path), Some(Place::JsonRpc("shop")), "{path}");
        }
        for path in ["/v1/shop/mcp", "//v1/shop/mcp/", "/api/mcp/shop", "/api//mcp/shop/"] {
            assert_eq!(Place::of(path), Some(Place::Rest("shop")), "{path}");
        }
        assert_eq!(Place::of("/v1/shop/automation/"), Some(Place::Automation("shop")));
        assert_eq!(Place::of("//capabilities"), Some(Place::Capabilities));
        for path in ["/", "/mcp", "/mcp/", "/v1/mcp", "/mcp/a/b", "/v1/shop/mcp/x", "/api/mcp", "/v2/shop/mcp"] {
            assert_eq!(Place::of(path), None, "{path}");
        }
    }
}
