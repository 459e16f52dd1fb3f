//! Encrypts a line with TLS as libpq's `sslmode` asks, and verifies the server's certificate.
use super::conninfo::{Env, Keywords, mistake};
use crate::diagnostic::Diagnostic;
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error as TlsError, RootCertStore, SignatureScheme,
    client::{
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
        verify_server_cert_signed_by_trust_anchor, verify_server_name,
    },
    crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature},
    server::ParsedCertificate,
};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime, pem::PemObject};
use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

/// Amounts of encryption that are asked for. <https://www.postgresql.org/docs/current/libpq-ssl.html>
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SslMode {
    /// Never encrypted.
    Disable,
    /// Encrypted only if the server insists.
    Allow,
    /// Encrypted if the server can.
    Prefer,
    /// Always encrypted; verified only if there is a root certificate.
    Require,
    /// Always, by a server whose certificate is trusted.
    VerifyCa,
    /// Always, by a server whose certificate is trusted and has its name.
    VerifyFull,
}

/// Certificates that are trusted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RootCert {
    /// Nobody named: libpq's default file does not exist.
    None,
    /// The certificates in a file.
    File(PathBuf),
    /// The operating system's.
    System,
}

/// Settings of encryption: how much, whom to trust, and what to show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsOptions {
    /// Amount of encryption that is asked for.
    pub mode: SslMode,
    /// Certificates that are trusted.
    pub roots: RootCert,
    /// The client's certificate and its key.
    pub identity: Option<(PathBuf, PathBuf)>,
}

impl TlsOptions {
    pub(super) fn read(keywords: &Keywords, env: Env<'_>) -> Result<Self, Diagnostic> {
        let home = |name: &str| env("HOME").map(|home| Path::new(&home).join(".postgresql").join(name));
        let there = |path: &PathBuf| path.exists();
        let roots = match keywords.get("sslrootcert").map(String::as_str) {
            Some("system") => RootCert::System,
            Some(path) => RootCert::File(path.into()),
            None => home("root.crt").filter(there).map_or(RootCert::None, RootCert::File),
        };
        let mode = match (keywords.get("sslmode").map(String::as_str), &roots) {
            (None, RootCert::System) => SslMode::VerifyFull,
            (None | Some("prefer"), _) => SslMode::Prefer,
            (Some("disable"), _) => SslMode::Disable,
            (Some("allow"), _) => SslMode::Allow,
            (Some("require"), _) => SslMode::Require,
            (Some("verify-ca"), _) => SslMode::VerifyCa,
            (Some("verify-full"), _) => SslMode::VerifyFull,
            (Some(_), _) => {
                return Err(mistake("sslmode has an unknown value")
                    .help("disable, allow, prefer, require, verify-ca or verify-full"));
            }
        };
        if roots == RootCert::System && mode != SslMode::VerifyFull {
            // Anyone can get a certificate that the system trusts: without the name it proves nothing.
            return Err(mistake("sslrootcert=system needs sslmode=verify-full"));
        }
        if roots == RootCert::None && matches!(mode, SslMode::VerifyCa | SslMode::VerifyFull) {
            return Err(mistake("sslmode asks for a verified server, and no root certificate says whom to trust")
                .help("give sslrootcert=FILE, or sslrootcert=system, or put it in ~/.postgresql/root.crt"));
        }
        let certificate = keywords.get("sslcert").map(PathBuf::from).or_else(|| home("postgresql.crt").filter(there));
        let key = keywords.get("sslkey").map(PathBuf::from).or_else(|| home("postgresql.key"));
        Ok(Self { mode, roots, identity: certificate.zip(key) })
    }

    /// Makes rustls's configuration from the files.
    pub(super) fn client_config(&self) -> Result<Arc<ClientConfig>, Diagnostic> {
        let provider = Arc::new(ring::default_provider());
        let verifier = match (self.mode, &self.roots) {
            (SslMode::Disable | SslMode::Allow | SslMode::Prefer, _) | (SslMode::Require, RootCert::None) => None,
            (SslMode::Require | SslMode::VerifyCa, roots) => Some((roots, false)),
            (SslMode::VerifyFull, roots) => Some((roots, true)),
        };
        let trusted = verifier.map(|(roots, name)| Trusted::read(roots, name)).transpose()?;
        let verifier = Verifier { trusted, provider: Arc::clone(&provider) };
        let builder = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| mistake(format!("TLS cannot be set up: {error}")))?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier));
        let config = match &self.identity {
            None => builder.with_no_client_auth(),
            Some((certificate, key)) => {
                builder.with_client_auth_cert(certificates(certificate)?, private_key(key)?).map_err(|error| {
                    mistake(format!("the client certificate {} cannot be used: {error}", certificate.display()))
                })?
            }
        };
        Ok(Arc::new(config))
    }
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, Diagnostic> {
    let wrong =
        |error: &dyn std::fmt::Display| mistake(format!("cannot read certificates from {}: {error}", path.display()));
    let found: Result<Vec<_>, _> = CertificateDer::pem_file_iter(path).map_err(|error| wrong(&error))?.collect();
    match found {
        Ok(found) if found.is_empty() => Err(wrong(&"there are none in it")),
        Ok(found) => Ok(found),
        Err(error) => Err(wrong(&error)),
    }
}

fn private_key(path: &Path) -> Result<PrivateKeyDer<'static>, Diagnostic> {
    #[cfg(unix)]
    if let Ok(metadata) = std::fs::metadata(path) {
        use std::os::unix::fs::{MetadataExt, PermissionsExt};
        // libpq's rule: 0600, or 0640 if root owns it.
        let allowed = if metadata.uid() == 0 { 0o640 } else { 0o600 };
        if metadata.permissions().mode() & 0o777 & !allowed & 0o077 != 0 {
            let shown = path.display();
            return Err(mistake(format!("others may read the private key {shown}")).help(format!("chmod 600 {shown}")));
        }
    }
    PrivateKeyDer::from_pem_file(path).map_err(|error| {
        mistake(format!("cannot read a private key from {}: {error}", path.display()))
            .help("pgform reads unencrypted keys in PEM (PKCS#8, PKCS#1 or SEC1)")
    })
}

/// Certificates that a verifying mode trusts, and whether the name counts.
#[derive(Debug)]
struct Trusted {
    roots: RootCertStore,
    /// Bytes of the trusted certificates: a self-signed server certificate may be its own root, as OpenSSL allows.
    exact: Vec<CertificateDer<'static>>,
    name: bool,
}

impl Trusted {
    fn read(from: &RootCert, name: bool) -> Result<Self, Diagnostic> {
        let exact = match from {
            RootCert::None => Vec::new(),
            RootCert::File(path) => certificates(path)?,
            RootCert::System => {
                let found = rustls_native_certs::load_native_certs();
                if found.certs.is_empty() {
                    let why: Vec<_> = found.errors.iter().map(ToString::to_string).collect();
                    return Err(mistake(format!("the operating system names nobody to trust: {}", why.join("; "))));
                }
                found.certs
            }
        };
        let mut roots = RootCertStore::empty();
        let (_, unusable) = roots.add_parsable_certificates(exact.iter().cloned());
        match from {
            RootCert::File(path) if unusable > 0 => {
                Err(mistake(format!("{unusable} of the certificates in {} cannot be used as roots", path.display()))
                    .help("they must be X.509 version 3"))
            }
            // Among the operating system's hundreds, a few old ones are usual.
            RootCert::None | RootCert::File(_) | RootCert::System => Ok(Self { roots, exact, name }),
        }
    }
}

/// Verifies as much as the mode asks for.
#[derive(Debug)]
struct Verifier {
    /// Trusted certificates; none where anyone will do.
    trusted: Option<Trusted>,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, TlsError> {
        let Some(trusted) = &self.trusted else { return Ok(ServerCertVerified::assertion()) };
        let parsed = ParsedCertificate::try_from(end_entity)?;
        let algorithms = self.provider.signature_verification_algorithms.all;
        match verify_server_cert_signed_by_trust_anchor(&parsed, &trusted.roots, intermediates, now, algorithms) {
            Err(TlsError::InvalidCertificate(CertificateError::Other(_) | CertificateError::UnknownIssuer))
                if trusted.exact.iter().any(|own| own == end_entity) => {}
            other => other?,
        }
        if trusted.name {
            verify_server_name(&parsed, server_name)?;
        }
        Ok(ServerCertVerified::assertion())
    }

    // A signature by an unknown key proves nothing where anyone is trusted; and old certificates stay usable.
    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        match self.trusted {
            None => Ok(HandshakeSignatureValid::assertion()),
            Some(_) => verify_tls12_signature(message, cert, dss, &self.provider.signature_verification_algorithms),
        }
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        match self.trusted {
            None => Ok(HandshakeSignatureValid::assertion()),
            Some(_) => verify_tls13_signature(message, cert, dss, &self.provider.signature_verification_algorithms),
        }
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
