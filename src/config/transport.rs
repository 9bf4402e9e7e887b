//! How production is reached: through which proxy, and with which client certificate.

use super::env::Environment;
use super::error::{ConfigError, SettingSource};
use super::private_file::read_secret_file;
use super::resolve::Layers;
use crate::domain::{ClientCertificate, Proxies, ProxyAddress, SecretText};

/// The variables that name proxies, the one that counts first: as curl, in small letters before capitals.
const HTTPS: [&str; 4] = ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"];
const HTTP: [&str; 4] = ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"];
const DIRECT: [&str; 2] = ["no_proxy", "NO_PROXY"];

impl Layers<'_> {
    /// Chooses the proxies. Those of the environment count only when the setting says so.
    pub(super) fn proxies(&self) -> Result<Proxies, ConfigError> {
        let said = self.settings.proxy.as_deref().map_or("none", str::trim);
        let environment = self.environment();
        match said {
            "none" => {
                // What is not used is told at most, so what cannot be read of it is nobody's mistake.
                let unused = environment_proxies(environment).unwrap_or_default();
                Ok(Proxies { used: false, ..unused })
            }
            "environment" => environment_proxies(environment),
            address => {
                let proxy = ProxyAddress::read(address)
                    .map_err(|reason| self.wrong("proxy", format!("{reason}; or write \"environment\" or \"none\"")))?;
                let (http, https, direct) = (Some(proxy.clone()), Some(proxy), direct_hosts(environment)?);
                Ok(Proxies { used: true, http, https, direct, variables: Vec::new() })
            }
        }
    }

    /// Reads what production is shown when it asks for a client certificate.
    pub(super) fn client_certificate(&self, proxies: &Proxies) -> Result<Option<ClientCertificate>, ConfigError> {
        const KEY: &str = "client_certificate";
        let Some(given) = &self.settings.client_certificate else { return Ok(None) };
        let in_folder = |name: &str| self.folder_of(KEY).join(name);
        let key_of = |part: &str| format!("{KEY}.{part}");
        let certificate = given.certificate.as_deref().map(in_folder);
        let Some(certificate) = certificate else {
            return Err(self.wrong(&key_of("certificate"), "it is missing: name a PEM file"));
        };
        if !certificate.is_file() {
            return Err(self.wrong(&key_of("certificate"), "there is no such file"));
        }
        let key = match (&given.key_env, &given.key_file) {
            (Some(variable), None) => match self.credential(&key_of("key_env"), variable)? {
                Some(text) => text.to_owned(),
                None => return Err(self.wrong(&key_of("key_env"), format!("the variable {variable} is not set"))),
            },
            (None, Some(file)) => read_secret_file(&in_folder(file))?,
            _ => return Err(self.wrong(KEY, "give either key_env or key_file")),
        };
        // The same TLS settings meet the proxy, which could ask for the certificate as well.
        if proxies.used && [&proxies.http, &proxies.https].into_iter().flatten().any(|one| one.url.scheme() == "https")
        {
            return Err(self.wrong(KEY, "the proxy is called over TLS and could ask for it: use an http:// proxy"));
        }
        Ok(Some(ClientCertificate { certificate, key: SecretText::new(key) }))
    }
}

fn direct_hosts(environment: &Environment) -> Result<String, ConfigError> {
    Ok(first(environment, &DIRECT)?.map_or_else(String::new, |(_, text)| text.to_owned()))
}

fn environment_proxies(environment: &Environment) -> Result<Proxies, ConfigError> {
    let mut variables = Vec::new();
    let mut named = |names: &[&str]| -> Result<Option<ProxyAddress>, ConfigError> {
        let Some((name, text)) = first(environment, names)? else { return Ok(None) };
        let wrong = |reason| ConfigError::value(SettingSource::Variable(name.to_owned()), "proxy", reason);
        let proxy = ProxyAddress::read(text).map_err(|reason| wrong(reason.to_string()))?;
        if !variables.iter().any(|known| known == name) {
            variables.push(name.to_owned());
        }
        Ok(Some(proxy))
    };
    let (https, http) = (named(&HTTPS)?, named(&HTTP)?);
    Ok(Proxies { used: true, http, https, direct: direct_hosts(environment)?, variables })
}

fn first<'a>(environment: &'a Environment, names: &[&'a str]) -> Result<Option<(&'a str, &'a str)>, ConfigError> {
    for name in names {
        if let Some(text) = environment.text(name)? {
            return Ok(Some((name, text)));
        }
    }
    Ok(None)
}
