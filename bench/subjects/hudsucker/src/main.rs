//! hudsucker as its documentation sets it up: certificates from a cached rcgen authority, a rustls client, no logging.
//! usage: bench-hudsucker PORT pass|inject|tunnel CA_CERT CA_KEY UPSTREAM_CA BODY ORIGIN
//! ORIGIN: host:port that origin-form requests go to, over TLS; may be empty.

use std::{net::SocketAddr, sync::Arc};

use hudsucker::{
    certificate_authority::RcgenAuthority,
    hyper::{Request, Response},
    rcgen::{Issuer, KeyPair},
    rustls::{
        crypto::aws_lc_rs,
        pki_types::{pem::PemObject, CertificateDer},
        ClientConfig, RootCertStore,
    },
    Body, HttpContext, HttpHandler, Proxy, RequestOrResponse,
};

#[derive(Clone)]
struct Handler {
    task: Arc<str>,
    body: Arc<str>,
    origin: Arc<str>,
}

impl HttpHandler for Handler {
    async fn handle_request(&mut self, _: &HttpContext, mut request: Request<Body>) -> RequestOrResponse {
        if request.uri().scheme().is_none() && request.method() != "CONNECT" && !self.origin.is_empty() {
            *request.uri_mut() = format!("https://{}{}", self.origin, request.uri().path())
                .parse()
                .expect("a valid address");
        }
        if *self.task != *"inject" || request.method() == "CONNECT" {
            return request.into();
        }
        Response::builder()
            .status(529)
            .header("content-type", "application/json")
            .header("request-id", "req_011CSHoEeqs5C35K2UUqR7Fy")
            .header("x-should-retry", "true")
            .body(Body::from(self.body.to_string()))
            .expect("a valid response")
            .into()
    }

    async fn should_intercept_connect(&mut self, _: &HttpContext, _: &Request<Body>) -> bool {
        *self.task != *"tunnel"
    }
}

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, port, task, ca_cert, ca_key, upstream_ca, body, origin] = &arguments[..] else {
        panic!("usage: bench-hudsucker PORT pass|inject|tunnel CA_CERT CA_KEY UPSTREAM_CA BODY ORIGIN");
    };
    let read = |file: &str| std::fs::read_to_string(file).expect("a readable file");

    let key = KeyPair::from_pem(&read(ca_key)).expect("a key");
    let issuer = Issuer::from_ca_cert_pem(&read(ca_cert), key).expect("a CA certificate");
    let authority = RcgenAuthority::new(issuer, 1_000, aws_lc_rs::default_provider());

    let mut roots = RootCertStore::empty();
    roots
        .add(CertificateDer::from_pem_file(upstream_ca).expect("a certificate"))
        .expect("a usable certificate");
    let client = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("the default protocol versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    let mut tcp = hudsucker::hyper_util::client::legacy::connect::HttpConnector::new();
    tcp.set_nodelay(true);
    tcp.enforce_http(false);
    let connector = hyper_rustls::HttpsConnectorBuilder::new()
        .with_tls_config(client)
        .https_or_http()
        .enable_http1()
        .wrap_connector(tcp);

    let proxy = Proxy::builder()
        .with_addr(SocketAddr::from(([127, 0, 0, 1], port.parse().expect("a port"))))
        .with_ca(authority)
        .with_http_connector(connector)
        .with_http_handler(Handler {
            task: task.as_str().into(),
            body: body.as_str().into(),
            origin: origin.as_str().into(),
        })
        .build()
        .expect("a proxy");
    proxy.start().await.expect("the proxy runs");
}
