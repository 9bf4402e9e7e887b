//! Chat, mail and telephone.

use super::token::Alphabet::{Alnum, Dotted, Hex, HexDash, Word};
use super::token::{Token, random, token};

pub(super) const TOKENS: &[Token] = &[
    token("Slack bot", "xoxb-", Word, 8),
    token("Slack user", "xoxp-", Word, 8),
    token("Slack workspace", "xoxa-", Word, 8),
    token("Slack configuration", "xoxe-", Word, 8),
    token("Slack configuration", "xoxe.xox", Dotted, 20),
    token("Slack legacy", "xoxo-", Word, 8),
    token("Slack refresh", "xoxr-", Word, 8),
    token("Slack legacy", "xoxs-", Word, 8),
    token("Slack browser", "xoxc-", Word, 8),
    token("Slack cookie", "xoxd-", Dotted, 20),
    token("Slack app", "xapp-", Word, 20),
    token("Slack workflow", "xwfp-", Word, 20),
    token("Discord", "mfa.", Dotted, 60),
    token("SendGrid", "SG.", Dotted, 30),
    token("Sendinblue", "xkeysib-", Word, 40),
    token("Sendinblue SMTP", "xsmtpsib-", Word, 40),
    token("Mailgun", "key-", Hex, 32),
    token("Mailgun", "pubkey-", Hex, 32),
    random("Mailchimp transactional", "md-", Word, 22),
    random("Resend", "re_", Word, 20),
    token("Twilio API key", "SK", Hex, 32),
    token("HubSpot", "pat-na1-", HexDash, 30),
    token("HubSpot", "pat-eu1-", HexDash, 30),
    token("Zoho", "1000.", Dotted, 60),
    token("Facebook", "EAACEdEose0cBA", Alnum, 10),
    token("Facebook", "EAAM", Alnum, 80),
    token("Facebook", "EAAG", Alnum, 80),
    token("Facebook", "EAAC", Alnum, 80),
    token("Instagram", "IGQV", Word, 80),
    token("Instagram", "IGAA", Word, 80),
    token("Twitter bearer", "AAAAAAAAAAAAAAAAAAAAA", Dotted, 60),
    token("Microsoft Teams", "dG9rZW4", Word, 40),
];
