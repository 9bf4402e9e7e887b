//! Names of secrets: what a name must say so that its value is taken out.
//!
//! A name is read in words (`db_password`, `dbPassword`, `DB-PASSWORD`). Some word says secret, and the last one does
//! not say that the value is something about it (`token_type`, `password_reset_url`, `secretName`).

/// How sure a name makes that its value is secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Strength {
    /// The value must look random.
    Weak,
    /// The value must look random, or be joined tightly.
    Token,
    /// Any value but a word such as `required`.
    Password,
}

/// Each name of a secret holds one of these keywords.
pub(super) const KEYWORDS: &str = "password passwd passphrase passcode passwort pwd pass secret token key auth credential cookie session sid \
    csrf xsrf jwt otp bearer psk pat mnemonic";

/// Words that are secret by themselves, also at the end of a longer word (`mypassword`).
const PASSWORDS: &str = "accesskey apikey authkey encryptionkey masterkey mnemonic passcode passphrase passwd password passwort \
    privatekey pwd secret secretkey sharedkey signingkey";
const TOKENS: &str = "accountkey authorization bearer cookie credential credentials csrf jwt requirepass masterauth sessionid \
    sessionkey storepass keypass token xsrf csrftoken";
/// Words that are secret only when they stand alone.
const ALONE: &str = "auth otp pat psk sid";
const PLURALS: &str = "passwords secrets tokens cookies pass passwds session";
/// Before `key`: how secret the key is.
const STRONG_KEYS: &str = "access account admin api app application auth encrypt encryption hmac jwt master preshared private root \
    secret service shared signing storage";
const TOKEN_KEYS: &str = "aes bot cipher client consumer crypt crypto deploy gpg ingest integration license pgp project rest rsa \
    session ssh subscription webhook write";
/// Last words that say that the value is something about the secret.
const ABOUT: &str = "address age agent algo algorithm arn at audience available budget button by change changed check checks \
    class column config configured cost count counter counts created description dir disabled domain email \
    enabled encoding end endpoint env error errors exception exists exp expiration expired expires expiry \
    factory field fields file filename files folder form format handler header headers help helper hint host \
    httponly id ids in index info input issuer jar kind label len length level lifetime limit limits line link \
    list location manager max message method methods middleware min mode model mount msg name names offset \
    optional options output owner page param params parser path paths pattern per policies policy port position \
    prefix present price provider quota rate reader ref reference refs regex required reset role rotation rule \
    rules samesite schema scheme scope scopes screen secure server service size source stdin start state status \
    store stored strength suffix support test tests text timeout title total ttl type types update updated uri \
    url urls usage used user username util utils valid validation validator value_from var variable version view";

/// Extensions of files, which are no last word of a name.
const EXTENSIONS: &str = "bash c cc cfg cjs conf cpp cs css d dart env erb ex exs go gz h hpp hs html ini ipynb java js json jsonl jsx \
    kt lock log lua map md mjs ml o php pl png proto ps1 py pyc pyi rb rs rst scala scss sh snap so sql svelte \
    svg swift tar tf toml ts tsx txt vue xml yaml yml zip";

/// Tells whether a name is of a secret, and how sure that is.
pub(super) fn strength(name: &str) -> Option<Strength> {
    let words = Words::of(name);
    let last = words.last(0)?;
    if is_one_of(last, ABOUT) {
        // Two names that end so and are secrets all the same.
        let before = words.last(1)?;
        let id_of = last.eq_ignore_ascii_case("id")
            && (before.eq_ignore_ascii_case("session") || before.eq_ignore_ascii_case("secret"));
        return id_of.then_some(Strength::Token);
    }
    if is_file(name) || words.all().any(|word| word.eq_ignore_ascii_case("public")) {
        return None;
    }
    let mut best = None;
    let mut before: Option<&str> = None;
    for word in words.all() {
        best = best.max(strength_of(word, before));
        before = Some(word);
    }
    best
}

/// `token.rs`, `password.test.js`: a place in the source.
fn is_file(name: &str) -> bool {
    name.rsplit_once('.').is_some_and(|(_, extension)| is_one_of(extension, EXTENSIONS))
}

fn strength_of(word: &str, before: Option<&str>) -> Option<Strength> {
    let plain = word.trim_end_matches(|last: char| last.is_ascii_digit());
    if is_one_of(plain, PLURALS) {
        return Some(Strength::Weak);
    }
    if ends_with_one_of(plain, PASSWORDS) {
        return Some(Strength::Password);
    }
    if ends_with_one_of(plain, TOKENS) {
        return Some(Strength::Token);
    }
    if plain.eq_ignore_ascii_case("key") || plain.eq_ignore_ascii_case("keys") {
        let before = before?;
        let strong = is_one_of(before, STRONG_KEYS).then_some(Strength::Password);
        return strong.or_else(|| is_one_of(before, TOKEN_KEYS).then_some(Strength::Token));
    }
    is_one_of(plain, ALONE).then_some(Strength::Token)
}

fn is_one_of(word: &str, words: &str) -> bool {
    words.split(' ').any(|one| one.eq_ignore_ascii_case(word))
}

fn ends_with_one_of(word: &str, ends: &str) -> bool {
    let ends_with = |end: &str| {
        let start = word.len().checked_sub(end.len());
        start.and_then(|start| word.get(start..)).is_some_and(|last| last.eq_ignore_ascii_case(end))
    };
    ends.split(' ').any(ends_with)
}

/// Tells how secret the key is that two words of prose name: `API key`.
pub(super) fn strength_of_key(before: &str) -> Option<Strength> {
    strength_of("key", Some(before))
}

/// Tells whether the name is of a header whose whole value is the secret.
pub(super) fn is_authorization(name: &str) -> bool {
    Words::of(name).last(0).is_some_and(|last| last.eq_ignore_ascii_case("authorization"))
}

/// Tells whether the name is of cookies: `Cookie`, `Set-Cookie`, `set_cookie`, `cookies`.
pub(super) fn is_cookie(name: &str) -> bool {
    Words::of(name)
        .last(0)
        .is_some_and(|last| last.eq_ignore_ascii_case("cookie") || last.eq_ignore_ascii_case("cookies"))
}

/// The last words of a name; a name has no more than twelve.
struct Words<'a> {
    words: [&'a str; 12],
    count: usize,
}

impl<'a> Words<'a> {
    fn of(name: &'a str) -> Self {
        let mut words = Self { words: [""; 12], count: 0 };
        for part in name.split(|between: char| !between.is_ascii_alphanumeric()) {
            let bytes = part.as_bytes();
            let mut start = 0;
            for at in 1..bytes.len() {
                let hump = bytes[at].is_ascii_uppercase()
                    && (!bytes[at - 1].is_ascii_uppercase() || bytes.get(at + 1).is_some_and(u8::is_ascii_lowercase));
                if hump {
                    words.push(&part[start..at]);
                    start = at;
                }
            }
            words.push(&part[start..]);
        }
        words
    }

    fn push(&mut self, word: &'a str) {
        if word.is_empty() {
            return;
        }
        if self.count == self.words.len() {
            self.words.rotate_left(1);
            self.count -= 1;
        }
        self.words[self.count] = word;
        self.count += 1;
    }

    fn all(&self) -> impl Iterator<Item = &'a str> + '_ {
        self.words.iter().take(self.count).copied()
    }

    fn last(&self, back: usize) -> Option<&'a str> {
        self.count.checked_sub(back + 1).map(|at| self.words[at])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_secret_by_its_words_and_not_by_what_is_about_the_secret() {
        for name in [
            "password",
            "DB_PASSWORD",
            "dbPassword",
            "spring.datasource.password",
            "mypassword",
            "password2",
            "APIKey",
            "X-Api-Key",
            "AccountKey",
            "SharedAccessKey",
            "aws_secret_access_key",
            "_authToken",
            "client-secret",
            "session_id",
            "SECRET_KEY_BASE",
            "refreshToken",
            "connect.sid",
            "storepass",
        ] {
            assert!(strength(name) >= Some(Strength::Token), "{name}");
        }
        for name in [
            "token_type",
            "tokenizer",
            "passwordPolicy",
            "password_reset_url",
            "secretName",
            "SharedAccessKeyName",
            "cookie_policy",
            "public_key",
            "key",
            "monkey",
            "passenger",
            "author",
            "sidebar",
            "max_token_count",
            "expires_in",
            "token_id",
            "compass",
            "keyboard",
        ] {
            assert_eq!(strength(name), None, "{name}");
        }
    }
}
