//! Who calls.

use std::sync::Arc;

use super::{ProjectId, Scope, Scopes};

/// Who calls: a named holder of a token, or everybody where no token is asked for. Cheap to clone.
///
/// The middleware puts it into the extensions of every request that it lets through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    /// The holder; nothing for everybody.
    name: Option<Arc<str>>,
    scopes: Scopes,
    /// The projects to which the token is bound; nothing for all.
    projects: Option<Arc<[String]>>,
}

impl Principal {
    /// Makes the principal that everybody is where no token is asked for: it may do everything.
    pub const fn anonymous() -> Self {
        Self { name: None, scopes: Scopes::all(), projects: None }
    }

    /// Makes a named principal; without projects it may call on all of them.
    pub fn named(name: &str, scopes: Scopes, projects: Option<Vec<String>>) -> Self {
        Self { name: Some(name.into()), scopes, projects: projects.map(Into::into) }
    }

    /// Returns the holder's name; nothing when no token was asked for.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// Tells whether the principal may do what needs a scope.
    pub const fn may(&self, scope: Scope) -> bool {
        self.scopes.hold(scope)
    }

    /// Tells whether the principal may do whatever there is.
    pub(crate) const fn may_everything(&self) -> bool {
        self.scopes.hold(Scope::Admin)
    }

    /// Returns the name as a key of what is counted for each principal.
    pub(crate) fn key(&self) -> Option<Arc<str>> {
        self.name.clone()
    }

    /// Tells whether the principal may call on the project that a server is for.
    pub fn may_use(&self, project: &ProjectId) -> bool {
        let named = |name: &String| ProjectId::from_name(name).is_ok_and(|named| named == *project);
        self.projects.as_ref().is_none_or(|projects| projects.iter().any(named))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_bound_to_projects_is_good_for_these_only_by_any_spelling_that_names_them() {
        let project = |name: &str| ProjectId::from_name(name).expect("a name");
        let bound = Principal::named("ci", Scopes::all(), Some(vec!["shop".to_owned(), "My Blog".to_owned()]));
        assert!(bound.may_use(&project("shop")) && bound.may_use(&project("My Blog")));
        assert!(!bound.may_use(&project("shop2")) && !bound.may_use(&project("my-blog")));
        let none = Principal::named("ci", Scopes::all(), Some(Vec::new()));
        assert!(!none.may_use(&project("shop")) && Principal::anonymous().may_use(&project("shop")));
    }
}
