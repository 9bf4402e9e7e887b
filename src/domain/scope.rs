//! What a principal may do, in four words.

use super::words;

/// One thing that a principal may be allowed to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Read tasks of its own, memories, sections, htasks and swarms.
    Read,
    /// Run tasks and checks: requests to production and local commands.
    Validate,
    /// Change memories, htasks and swarms.
    Write,
    /// All of it, tasks of everybody, and what leaves this server under the server's own name.
    Admin,
}

words! { Scope, name { Read = "read", Validate = "validate", Write = "write", Admin = "admin" } }

impl Scope {
    const fn bit(self) -> u8 {
        match self {
            Self::Read => 1,
            Self::Validate => 2,
            Self::Write => 4,
            Self::Admin => 8,
        }
    }
}

/// A set of scopes; `admin` holds all others, the others hold themselves only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Scopes(u8);

impl Scopes {
    /// Returns the set of all scopes.
    pub const fn all() -> Self {
        Self(Scope::Admin.bit())
    }

    /// Tells whether the set holds a scope.
    pub const fn hold(self, scope: Scope) -> bool {
        self.0 & (scope.bit() | Scope::Admin.bit()) != 0
    }
}

impl FromIterator<Scope> for Scopes {
    fn from_iter<T: IntoIterator<Item = Scope>>(scopes: T) -> Self {
        Self(scopes.into_iter().fold(0, |bits, scope| bits | scope.bit()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn admin_holds_all_and_every_other_scope_holds_itself_only() {
        for held in Scope::ALL {
            let scopes = Scopes::from_iter([held]);
            for asked in Scope::ALL {
                assert_eq!(scopes.hold(asked), held == asked || held == Scope::Admin, "{held:?} {asked:?}");
            }
        }
        assert!(Scope::ALL.into_iter().all(|scope| Scopes::all().hold(scope) && !Scopes::default().hold(scope)));
    }

    #[test]
    fn a_name_finds_its_scope_and_nothing_else_does() {
        assert!(Scope::ALL.into_iter().all(|scope| Scope::named(scope.name()) == Some(scope)));
        assert_eq!(Scope::named("Admin"), None);
    }
}
