//! The operator's intake as agents reach it: over TLS, under the operator's own authority.

use ureq::{
    Agent,
    tls::{Certificate, RootCerts, TlsConfig},
};

use crate::{
    cluster::{ClusterError, ControlPlane},
    operator::Operator,
};

/// The way to an operator's intake.
#[derive(Debug, Clone)]
pub struct Intake {
    tls: TlsConfig,
    url: String,
}

/// The certificate of the operator's authority (PEM), where the operator publishes it.
pub fn authority(plane: &ControlPlane) -> Result<String, ClusterError> {
    let bundle =
        ["get", "-n", "landfall-system", "configmap", "landfall-operator-ca", "-o", "jsonpath={.data.ca\\.crt}"];
    plane.kubectl(&bundle, "")
}

impl Intake {
    /// That of an operator under this authority.
    pub fn of(operator: &Operator, authority: &str) -> Result<Self, ureq::Error> {
        let certificate = Certificate::from_pem(authority.as_bytes())?;
        let tls = TlsConfig::builder().root_certs(RootCerts::new_with_certs(&[certificate])).build();
        Ok(Self { tls, url: format!("https://localhost:{}/v1/observations", operator.ingest.port()) })
    }

    /// A client with connections of its own.
    pub fn client(&self) -> Agent {
        Agent::config_builder().tls_config(self.tls.clone()).http_status_as_error(false).build().into()
    }

    /// Sends a heartbeat; the status of the answer.
    pub fn alive(&self, client: &Agent, token: &str) -> Result<u16, ureq::Error> {
        let url = self.url.replace("/v1/observations", "/v1/alive");
        let request = client.post(url).header("authorization", format!("Bearer {token}"));
        Ok(request.send_empty()?.status().as_u16())
    }

    /// Delivers lines, encoded as said (`zstd`); status and text of the answer.
    pub fn deliver(
        &self,
        client: &Agent,
        token: &str,
        body: &[u8],
        encoding: Option<&str>,
    ) -> Result<(u16, String), ureq::Error> {
        let mut request = client.post(&self.url).header("authorization", format!("Bearer {token}"));
        if let Some(encoding) = encoding {
            request = request.header("content-encoding", encoding);
        }
        let mut answer = request.send(body)?;
        Ok((answer.status().as_u16(), answer.body_mut().read_to_string()?))
    }
}
