//! Payment, shops and banks.

use super::token::Alphabet::{Alnum, Hex, HexDash, Word};
use super::token::{Token, random, token};

pub(super) const TOKENS: &[Token] = &[
    token("Stripe live key", "sk_live_", Alnum, 8),
    token("Stripe test key", "sk_test_", Alnum, 8),
    token("Stripe restricted key", "rk_live_", Alnum, 8),
    token("Stripe restricted test key", "rk_test_", Alnum, 8),
    token("Stripe organisation key", "sk_org_", Word, 16),
    token("Stripe webhook", "whsec_", super::token::Alphabet::Base64, 8),
    token("Square access token", "sq0atp-", Word, 20),
    token("Square secret", "sq0csp-", Word, 20),
    token("Square access token", "EAAA", Word, 56),
    random("Mollie live key", "live_", Alnum, 24),
    random("Mollie test key", "test_", Alnum, 24),
    token("Razorpay live key", "rzp_live_", Alnum, 12),
    token("Razorpay test key", "rzp_test_", Alnum, 12),
    token("Flutterwave", "FLWSECK-", Word, 16),
    token("Flutterwave test", "FLWSECK_TEST-", Word, 12),
    token("Plaid", "access-sandbox-", HexDash, 30),
    token("Plaid", "access-development-", HexDash, 30),
    token("Plaid", "access-production-", HexDash, 30),
    token("Duffel", "duffel_live_", Word, 30),
    token("Duffel", "duffel_test_", Word, 30),
    token("EasyPost", "EZAK", Alnum, 50),
    token("EasyPost test", "EZTK", Alnum, 50),
    token("Shopify access token", "shpat_", Hex, 24),
    token("Shopify custom app", "shpca_", Hex, 24),
    token("Shopify private app", "shppa_", Hex, 24),
    token("Shopify shared secret", "shpss_", Hex, 24),
    token("GoCardless", "live_", Word, 36),
    token("Shippo", "shippo_live_", Hex, 32),
    token("Shippo test", "shippo_test_", Hex, 32),
];
