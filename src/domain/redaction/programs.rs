//! Programs that take a password on their command line, and in which form.

/// How a flag gives the password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FlagForm {
    /// `-pPASSWORD`
    Attached,
    /// `-p PASSWORD`
    Next,
    /// `-u USER:PASSWORD`, also attached or after `=`; the character is what stands between the two.
    After(char),
    /// `-b 'NAME=VALUE; NAME=VALUE'`
    Cookies,
    /// The next word, where it looks random: `vault login TOKEN`.
    Random,
}

/// Programs that are alike.
pub(super) struct Programs {
    pub(super) names: &'static [&'static str],
    /// A word that must stand in the line as well.
    pub(super) with: &'static str,
    pub(super) flags: &'static [(&'static str, FlagForm)],
}

use FlagForm::{After, Attached, Cookies, Next, Random};

const fn programs(
    names: &'static [&'static str],
    with: &'static str,
    flags: &'static [(&'static str, FlagForm)],
) -> Programs {
    Programs { names, with, flags }
}

const LOGIN: &[(&str, FlagForm)] = &[("-p", Next), ("-p", Attached), ("login", Random)];
const CREDENTIALS: &[(&str, FlagForm)] =
    &[("--creds", After(':')), ("--src-creds", After(':')), ("--dest-creds", After(':')), ("-u", After(':'))];
const CURL: &[(&str, FlagForm)] = &[
    ("-u", After(':')),
    ("--user", After(':')),
    ("-U", After(':')),
    ("--proxy-user", After(':')),
    ("-b", Cookies),
    ("--cookie", Cookies),
    ("--oauth2-bearer", Next),
    ("--pass", Next),
    ("-E", After(':')),
];

/// The table.
pub(super) const PROGRAMS: &[Programs] = &[
    programs(&["mysql", "mysqldump", "mysqladmin", "mysqlimport", "mysqlshow", "mysqlcheck"], "", &[("-p", Attached)]),
    programs(&["mysqlsh", "mysqlbinlog", "mariadb", "mariadb-dump", "mariadb-admin", "mycli"], "", &[("-p", Attached)]),
    programs(
        &["sshpass", "clickhouse-client", "7z", "7za", "7zz", "rar", "unrar"],
        "",
        &[("-p", Attached), ("-p", Next)],
    ),
    programs(&["docker", "podman", "nerdctl", "helm", "oras", "skopeo", "buildah", "crane"], "login", LOGIN),
    programs(&["az", "oc", "cf", "argocd", "cargo", "npm", "vault", "bao", "huggingface-cli", "tsh"], "login", LOGIN),
    programs(&["skopeo", "buildah", "podman", "crictl", "ctr"], "", CREDENTIALS),
    programs(&["mongo", "mongosh", "mongodump", "mongorestore", "mongoexport", "mongoimport"], "", &[("-p", Next)]),
    programs(&["cqlsh", "rabbitmqadmin", "twine", "cypher-shell", "rdesktop", "svn"], "", &[("-p", Next)]),
    programs(&["curl", "wget", "lftp", "aria2c"], "", CURL),
    programs(&["lftp"], "", &[("-u", After(','))]),
    programs(&["http", "https", "httpie", "xh", "xhs"], "", &[("-a", After(':')), ("--auth", After(':'))]),
    programs(&["redis-cli", "valkey-cli", "keydb-cli", "redis-benchmark"], "", &[("-a", Next), ("--pass", Next)]),
    programs(&["ldapsearch", "ldapadd", "ldapmodify", "ldappasswd", "ldapwhoami", "ldapdelete"], "", &[("-w", Next)]),
    programs(&["smbclient", "rpcclient", "smbget"], "", &[("-U", After('%')), ("--user", After('%'))]),
    programs(&["zip", "unzip", "ipmitool", "mosquitto_pub", "mosquitto_sub"], "", &[("-P", Next), ("-P", Attached)]),
    programs(&["sqlcmd", "bcp", "isql", "tsql"], "", &[("-P", Next), ("-P", Attached)]),
    programs(
        &["keytool", "jarsigner"],
        "",
        &[("-storepass", Next), ("-keypass", Next), ("-srcstorepass", Next), ("-deststorepass", Next)],
    ),
    programs(&["xfreerdp", "wlfreerdp"], "", &[("/p:", Attached)]),
    programs(&["sqlplus", "expdp", "impdp"], "", &[("", After('/'))]),
    programs(&["snmpget", "snmpwalk", "snmpset"], "", &[("-A", Next), ("-X", Next)]),
    programs(&["gpg", "gpg2", "openssl"], "", &[("--passphrase", Next), ("-k", Next)]),
    programs(&["ngrok", "cloudflared", "tailscale"], "", &[("authtoken", Random), ("add-authtoken", Random)]),
    programs(&["htpasswd", "nmcli", "wpa_passphrase"], "", &[("-b", Random), ("-nbB", Random), ("password", Random)]),
];

/// What any program's `-u user:password` and `-p password` look like: only a random value is taken out.
pub(super) const ANY_PROGRAM: &[(&str, FlagForm)] =
    &[(" -u", After(':')), (" --user", After(':')), (" -p", Next), (" -p", Attached)];
