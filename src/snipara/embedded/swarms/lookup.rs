//! Finding a swarm, and what may have been meant by an id that nothing has.

use crate::domain::{Swarm, SwarmId, nearest, one_line};
use crate::snipara::SniparaError;
use crate::store::StoreTransaction;

/// Returns the swarm.
///
/// # Errors
/// [`SniparaError::NotFound`] with the nearest name or id; the store's own.
pub(in crate::snipara::embedded) async fn existing_swarm(
    transaction: &mut StoreTransaction,
    id: &SwarmId,
) -> Result<Swarm, SniparaError> {
    match transaction.swarm(id).await? {
        Some(swarm) => Ok(swarm),
        None => {
            let known = transaction.swarm_names().await?;
            let id = one_line(id.as_str(), 80);
            Err(SniparaError::NotFound { what: "swarm", nearest: meant("swarm_", &id, &known), id })
        }
    }
}

/// Returns what may have been meant as `id (name)`; `known` are ids and names, the newest first. The part that all our
/// ids share, `prefix`, must not count as likeness.
pub(in crate::snipara::embedded) fn meant(prefix: &str, given: &str, known: &[(String, String)]) -> Option<String> {
    let own = |id: &str| id.strip_prefix(prefix).unwrap_or(id).to_owned();
    let by_name = || {
        let name = nearest(given, known.iter().map(|(_, name)| name.as_str()))?;
        known.iter().find(|(_, known_name)| known_name == name)
    };
    let by_id = || {
        let ids: Vec<String> = known.iter().map(|(id, _)| own(id)).collect();
        let id = nearest(&own(given), ids.iter().map(String::as_str))?;
        known.iter().find(|(known_id, _)| own(known_id) == id)
    };
    by_name().or_else(by_id).map(|(id, name)| format!("{id} ({})", one_line(name, 80)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_instead_of_an_id_and_a_cut_id_are_understood_and_nonsense_is_not() {
        let ids: Vec<String> = (0..200).map(|_| SwarmId::generate().to_string()).collect();
        let known: Vec<(String, String)> =
            ids.iter().enumerate().map(|(index, id)| (id.clone(), format!("release {index}"))).collect();
        let expected = |index: usize| Some(format!("{} (release {index})", ids[index]));
        assert_eq!(meant("swarm_", "release 7", &known), expected(7));
        assert_eq!(meant("swarm_", &ids[9][..30], &known), expected(9));
        assert_eq!(meant("swarm_", "nonsense", &known), None);
        assert_eq!(meant("swarm_", "x", &[]), None);
    }
}
