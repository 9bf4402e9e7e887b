//! The users of a check that asks once for each of them.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::{ExpectedStatus, LiveCheck, LiveCheckError};
use crate::domain::ANONYMOUS;

/// Who asks: names of test users, or names with the statuses that each of them expects. `anonymous` sends no credentials.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(untagged, expecting = "users is a list of names, or an object of names and expected statuses")]
pub enum CheckUsers {
    /// Each expects what the check expects.
    Named(Vec<String>),
    /// Each expects statuses of its own.
    Expecting(BTreeMap<String, ExpectedStatus>),
}

impl LiveCheck {
    /// Returns the check once for each of its users, in their order; itself where it names none.
    ///
    /// # Errors
    /// When `users` is empty, or stands beside `user`.
    pub fn for_each_user(&self) -> Result<Vec<Self>, LiveCheckError> {
        let Some(users) = &self.users else { return Ok(vec![self.clone()]) };
        let users: Vec<(&String, &ExpectedStatus)> = match users {
            CheckUsers::Named(names) => names.iter().map(|name| (name, &self.expected_status)).collect(),
            CheckUsers::Expecting(statuses) => statuses.iter().collect(),
        };
        let has_status = self.expected_status != ExpectedStatus::default();
        let two_statuses = has_status && matches!(self.users, Some(CheckUsers::Expecting(_)));
        if users.is_empty() || self.user.is_some() || two_statuses {
            return Err(LiveCheckError::Users);
        }
        let as_user = |(name, expected): (&String, &ExpectedStatus)| Self {
            user: (name != ANONYMOUS).then(|| name.clone()),
            expected_status: expected.clone(),
            users: None,
            ..self.clone()
        };
        Ok(users.into_iter().map(as_user).collect())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn asked(users: serde_json::Value) -> Result<Vec<(Option<String>, String)>, String> {
        let check = LiveCheck::from_json(json!({ "url": "/me", "users": users }));
        let each = check.and_then(|check| check.for_each_user()).map_err(|error| error.to_string())?;
        Ok(each.into_iter().map(|check| (check.user, check.expected_status.to_string())).collect())
    }

    #[test]
    fn a_check_asks_once_for_each_user_with_the_status_that_is_theirs() {
        let ada = Some("ada".to_owned());
        assert_eq!(asked(json!(["ada", "anonymous"])), Ok(vec![(ada.clone(), "2xx".into()), (None, "2xx".into())]));
        assert_eq!(
            asked(json!({"ada": 200, "anonymous": [401, 403]})),
            Ok(vec![(ada, "200".into()), (None, "401 or 403".into())])
        );
    }

    #[test]
    fn no_user_at_all_is_refused_with_what_to_write() {
        for wrong in [json!([]), json!({}), json!(7), json!([1])] {
            let message = asked(wrong).expect_err("refused");
            assert!(message.contains("users"), "{message}");
        }
        let both = LiveCheck {
            user: Some("ada".into()),
            users: Some(CheckUsers::Named(vec!["bob".into()])),
            ..LiveCheck::get("/")
        };
        assert_eq!(both.for_each_user(), Err(LiveCheckError::Users));
    }
}
