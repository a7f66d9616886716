use std::{
    collections::BTreeSet,
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, CidrSubnet, DistinguishedName, DnType,
    ExtendedKeyUsagePurpose, GeneralSubtree, IsCa, KeyPair, KeyUsagePurpose, NameConstraints,
    SanType, SerialNumber, date_time_ymd,
};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};

use super::InterceptError;
use crate::{Host, Rule, Scheme, rule::HostPattern};

/// How long before it is made a certificate is valid: clocks differ.
const BEFORE: Duration = Duration::from_secs(60 * 60);

/// How long after.
const AFTER: Duration = Duration::from_secs(24 * 60 * 60);

/// Stands for no host; where no name is permitted, since an empty list would permit all.
const NOBODY: &str = "penstock.invalid";

/// An authority of one run. Its key is made here, is written nowhere and ends with this value.
pub(super) struct CertificateAuthority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    /// The key of all hosts' certificates: they are one and the same program.
    key: KeyPair,
    now: Duration,
    serial: AtomicU64,
}

impl From<rcgen::Error> for InterceptError {
    fn from(error: rcgen::Error) -> Self {
        Self::Authority(error.to_string())
    }
}

impl CertificateAuthority {
    /// An authority for the hosts whose TLS the rules let be opened, and for no others: whoever
    /// trusts it need not believe that of its key.
    pub(super) fn new(rules: &[Rule], now: Duration) -> Result<Self, InterceptError> {
        let mut params = params("penstock, authority of one run", now);
        params.serial_number = Some(SerialNumber::from_slice(&[1]));
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        params.name_constraints = Some(constraints(rules));
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate()?)?;
        Ok(Self { issuer, key: KeyPair::generate()?, now, serial: AtomicU64::new(2) })
    }

    /// Its certificate in PEM (RFC 7468).
    pub(super) fn pem(&self) -> String {
        let text = BASE64_STANDARD.encode(self.issuer.der());
        let mut pem = "-----BEGIN CERTIFICATE-----\n".to_owned();
        let mut rest = text.as_str();
        while let Some((line, after)) = rest.split_at_checked(64) {
            pem.push_str(line);
            pem.push('\n');
            rest = after;
        }
        if !rest.is_empty() {
            pem.push_str(rest);
            pem.push('\n');
        }
        pem.push_str("-----END CERTIFICATE-----\n");
        pem
    }

    /// A certificate for a host, and its key.
    pub(super) fn leaf(
        &self,
        host: &Host,
    ) -> Result<(CertificateDer<'static>, PrivateKeyDer<'static>), InterceptError> {
        let mut params = params("penstock, in a server's place", self.now);
        // Two certificates of one issuer with the same number are refused by some clients (NSS).
        let serial = self.serial.fetch_add(1, Ordering::Relaxed);
        params.serial_number = Some(SerialNumber::from_slice(&serial.to_be_bytes()));
        params.subject_alt_names = vec![match host {
            Host::Name(name) => SanType::DnsName(name.as_str().try_into()?),
            Host::Address(address) => SanType::IpAddress(*address),
        }];
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.use_authority_key_identifier_extension = true;
        let certificate = params.signed_by(&self.key, &self.issuer)?;
        let key = PrivatePkcs8KeyDer::from(self.key.serialize_der());
        Ok((certificate.der().clone(), key.into()))
    }
}

fn params(name: &str, now: Duration) -> CertificateParams {
    let mut params = CertificateParams::default();
    let mut subject = DistinguishedName::new();
    // No common name: where the alternative names hold no DNS name, some compare it with the names
    // that the authority may speak for (GnuTLS).
    subject.push(DnType::OrganizationName, name);
    params.distinguished_name = subject;
    let made = date_time_ymd(1970, 1, 1) + now;
    (params.not_before, params.not_after) = (made - BEFORE, made + AFTER);
    params
}

/// The hosts of the rules that TLS is opened by (RFC 5280 section 4.2.1.10). A name there stands for
/// all beneath it, too: that much more the key could sign, but no rule would admit it.
fn constraints(rules: &[Rule]) -> NameConstraints {
    let opened = |rule: &&Rule| matches!(rule.scheme, Scheme::Tls | Scheme::Https) && !rule.opaque;
    let (mut names, mut addresses) = (BTreeSet::new(), BTreeSet::new());
    for rule in rules.iter().filter(opened) {
        match &rule.host {
            HostPattern::Exact(Host::Address(address)) => _ = addresses.insert(*address),
            HostPattern::Exact(Host::Name(name)) | HostPattern::Beneath(name) => {
                names.insert(name.as_str());
            }
        }
    }
    if names.is_empty() {
        names.insert(NOBODY);
    }
    let mut excluded_subtrees = Vec::new();
    if addresses.is_empty() {
        excluded_subtrees.push(CidrSubnet::V4([0; 4], [0; 4]));
        excluded_subtrees.push(CidrSubnet::V6([0; 16], [0; 16]));
    }
    let names = names.into_iter().map(|name| GeneralSubtree::DnsName(name.to_owned()));
    let addresses = addresses.into_iter().map(|address| {
        GeneralSubtree::IpAddress(match address {
            std::net::IpAddr::V4(address) => CidrSubnet::V4(address.octets(), [0xff; 4]),
            std::net::IpAddr::V6(address) => CidrSubnet::V6(address.octets(), [0xff; 16]),
        })
    });
    NameConstraints {
        permitted_subtrees: names.chain(addresses).collect(),
        excluded_subtrees: excluded_subtrees.into_iter().map(GeneralSubtree::IpAddress).collect(),
    }
}

#[cfg(test)]
mod tests {
    use rustls::{
        RootCertStore,
        client::{WebPkiServerVerifier, danger::ServerCertVerifier as _},
        crypto::aws_lc_rs,
        pki_types::{ServerName, UnixTime, pem::PemObject as _},
    };

    use super::*;

    const NOW: Duration = Duration::from_secs(1_800_000_000);

    /// Whether a program that trusts the authority for these rules believes its certificate for a
    /// host, at a time.
    fn believed(rules: &[&str], host: &str, now: Duration) -> Result<(), rustls::Error> {
        let rules: Vec<Rule> = rules.iter().map(|rule| rule.parse().unwrap()).collect();
        let authority = CertificateAuthority::new(&rules, NOW).unwrap();
        let mut roots = RootCertStore::empty();
        let certificate = CertificateDer::from_pem_slice(authority.pem().as_bytes()).unwrap();
        assert_eq!(&certificate, authority.issuer.der());
        roots.add(certificate).unwrap();
        let provider = aws_lc_rs::default_provider().into();
        let verifier = WebPkiServerVerifier::builder_with_provider(roots.into(), provider);
        let (leaf, _) = authority.leaf(&host.parse().unwrap()).unwrap();
        let name = ServerName::try_from(host).unwrap();
        let now = UnixTime::since_unix_epoch(now);
        let verified = verifier.build().unwrap().verify_server_cert(&leaf, &[], &name, &[], now);
        verified.map(|_| ())
    }

    #[test]
    fn its_certificates_are_believed_for_the_hosts_of_the_rules_alone() {
        let rules = ["a.example", "https://b.example/p/", "*.c.example", "opaque d.example"];
        for host in ["a.example", "b.example", "x.c.example"] {
            assert_eq!(believed(&rules, host, NOW), Ok(()), "{host}");
        }
        // The key itself could sign these; whoever had stolen it gained nothing.
        for host in ["e.example", "d.example", "evila.example", "1.1.1.1", "2606:4700::1111"] {
            assert!(believed(&rules, host, NOW).is_err(), "{host}");
        }
        let addresses = ["1.1.1.1", "[2606:4700::1111]:853"];
        assert_eq!(believed(&addresses, "1.1.1.1", NOW), Ok(()));
        assert_eq!(believed(&addresses, "2606:4700::1111", NOW), Ok(()));
        for host in ["1.1.1.2", "a.example"] {
            assert!(believed(&addresses, host, NOW).is_err(), "{host}");
        }
        for rules in [&["http://a.example"][..], &[]] {
            assert!(believed(rules, "a.example", NOW).is_err());
        }
    }

    #[test]
    fn its_certificates_are_for_a_day() {
        let at = |now: Duration| believed(&["a.example"], "a.example", now);
        let second = Duration::from_secs(1);
        assert_eq!(at(NOW - BEFORE), Ok(()));
        assert_eq!(at(NOW + AFTER), Ok(()));
        assert!(at(NOW - BEFORE - second).is_err());
        assert!(at(NOW + AFTER + second).is_err());
    }

    #[test]
    fn no_two_certificates_have_a_number_in_common() {
        let authority = CertificateAuthority::new(&["a.example".parse().unwrap()], NOW).unwrap();
        let host: Host = "a.example".parse().unwrap();
        let (one, _) = authority.leaf(&host).unwrap();
        let (two, _) = authority.leaf(&host).unwrap();
        assert_ne!(one, two);
    }
}
