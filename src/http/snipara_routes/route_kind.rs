//! Which route a path is; doubled and trailing slashes make no difference.

/// Where a request goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RouteKind {
    /// Tools of a project, in JSON-RPC: `/mcp/{project}`.
    JsonRpc,
    /// Tools of a project, as `{tool, params}`: `/v1/{project}/mcp`, `/api/mcp/{project}`.
    Rest,
    /// A project's settings for clients: `/v1/{project}/automation`.
    Automation,
    /// What this server is: `/capabilities`.
    Capabilities,
}

impl RouteKind {
    /// Finds the route of a path.
    pub(super) fn of(path: &str) -> Option<Self> {
        let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
        match parts.as_slice() {
            ["mcp", _] => Some(Self::JsonRpc),
            ["v1", _, "mcp"] | ["api", "mcp", _] => Some(Self::Rest),
            ["v1", _, "automation"] => Some(Self::Automation),
            ["capabilities"] => Some(Self::Capabilities),
            _ => None,
        }
    }

    /// Returns the one method that the route has.
    pub(super) const fn method(self) -> &'static str {
        match self {
            Self::JsonRpc | Self::Rest => "POST",
            Self::Automation | Self::Capabilities => "GET",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slashes_make_no_difference_and_all_else_is_no_route() {
        for path in ["/mcp/shop", "//mcp/shop", "/mcp//shop/", "//mcp/shop/"] {
            assert_eq!(RouteKind::of(path), Some(RouteKind::JsonRpc), "{path}");
        }
        for path in ["/v1/shop/mcp", "//v1/shop/mcp/", "/api/mcp/shop", "//api/mcp/shop/"] {
            assert_eq!(RouteKind::of(path), Some(RouteKind::Rest), "{path}");
        }
        assert_eq!(RouteKind::of("/v1/shop/automation/"), Some(RouteKind::Automation));
        assert_eq!(RouteKind::of("//capabilities"), Some(RouteKind::Capabilities));
        for path in ["/", "/mcp", "/mcp/", "/v1/mcp", "/mcp/a/b", "/v1/shop/mcp/x", "/api/mcp", "/v2/shop/mcp"] {
            assert_eq!(RouteKind::of(path), None, "{path}");
        }
    }
}
