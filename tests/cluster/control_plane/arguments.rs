//! The command lines of the programs, and the files that they read.

use std::net::{IpAddr, Ipv4Addr};

use super::{ClusterError, ControlPlane, audit};

/// Where the `kubernetes` Service is.
const SERVICE: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 1);

impl ControlPlane {
    pub(super) fn write_files(&self) -> Result<(), ClusterError> {
        self.folder.write(audit::POLICY_FILE, audit::POLICY)?;
        self.authority.write_token_keys()?;
        self.authority.issue(
            "apiserver",
            "kube-apiserver",
            &[],
            &[IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V4(SERVICE), self.site.inner.ip()],
            &[
                "localhost",
                "kubernetes",
                "kubernetes.default",
                "kubernetes.default.svc",
                "kubernetes.default.svc.cluster.local",
            ],
        )?;
        self.authority.issue("kubelet-client", "kube-apiserver-kubelet-client", &["system:masters"], &[], &[])?;
        Ok(())
    }

    /// No machines, no pods.
    fn is_alone(&self) -> bool {
        self.site.inner.ip().is_loopback()
    }

    fn path(&self, name: &str) -> String {
        self.folder.join(name).display().to_string()
    }

    pub(super) fn etcd_arguments(&self) -> Vec<String> {
        let client = format!("http://127.0.0.1:{}", self.site.etcd);
        let peer = format!("http://127.0.0.1:{}", self.site.etcd_peer);
        vec![
            format!("--data-dir={}", self.path("etcd")),
            format!("--listen-client-urls={client}"),
            format!("--advertise-client-urls={client}"),
            format!("--listen-peer-urls={peer}"),
            format!("--initial-advertise-peer-urls={peer}"),
            format!("--initial-cluster=default={peer}"),
            // The folder is thrown away; a crash of the machine is not what these tests are about.
            "--unsafe-no-fsync=true".into(),
        ]
    }

    pub(super) fn api_server_arguments(&self) -> Vec<String> {
        let mut arguments = vec![
            format!("--etcd-servers=http://127.0.0.1:{}", self.site.etcd),
            format!("--bind-address={}", if self.is_alone() { Ipv4Addr::LOCALHOST } else { Ipv4Addr::UNSPECIFIED }),
            format!("--secure-port={}", self.site.inner.port()),
            format!("--tls-cert-file={}", self.path("pki/apiserver.crt")),
            format!("--tls-private-key-file={}", self.path("pki/apiserver.key")),
            format!("--client-ca-file={}", self.path("pki/ca.crt")),
            "--service-cluster-ip-range=10.0.0.0/24".into(),
            "--authorization-mode=Node,RBAC".into(),
            "--allow-privileged=true".into(),
            "--service-account-issuer=https://kubernetes.default.svc".into(),
            format!("--service-account-key-file={}", self.path("pki/sa.pub")),
            format!("--service-account-signing-key-file={}", self.path("pki/sa.key")),
            format!("--audit-policy-file={}", self.path(audit::POLICY_FILE)),
            format!("--audit-log-path={}", self.path(audit::LOG)),
            // Megabytes until it would begin another file.
            "--audit-log-maxsize=100000".into(),
        ];
        if !self.is_alone() {
            arguments.extend([
                // Where pods find the `kubernetes` Service.
                format!("--advertise-address={}", self.site.inner.ip()),
                "--enable-admission-plugins=NodeRestriction".into(),
                format!("--kubelet-client-certificate={}", self.path("pki/kubelet-client.crt")),
                format!("--kubelet-client-key={}", self.path("pki/kubelet-client.key")),
                "--kubelet-preferred-address-types=InternalIP".into(),
                // Webhooks are called at the pods' addresses, since no kube-proxy runs beside the API server.
                "--enable-aggregator-routing=true".into(),
            ]);
        }
        if !self.options.controllers {
            // Nobody makes the default service accounts, without which no pod is admitted.
            arguments.push("--disable-admission-plugins=ServiceAccount".into());
        }
        arguments.extend(self.options.api_server.iter().cloned());
        arguments
    }

    pub(super) fn controller_manager_arguments(&self) -> Result<Vec<String>, ClusterError> {
        let mut arguments = self.as_component("system:kube-controller-manager")?;
        arguments.extend([
            "--use-service-account-credentials=true".into(),
            format!("--service-account-private-key-file={}", self.path("pki/sa.key")),
            format!("--root-ca-file={}", self.path("pki/ca.crt")),
            format!("--cluster-signing-cert-file={}", self.path("pki/ca.crt")),
            format!("--cluster-signing-key-file={}", self.path("pki/ca.key")),
            // Some forty controllers fetch a token each; at the 20 requests a second of the default that takes 5 s.
            "--kube-api-qps=1000".into(),
            "--kube-api-burst=2000".into(),
            // The default is a folder of the machine.
            format!("--flex-volume-plugin-dir={}", self.path("flex")),
        ]);
        Ok(arguments)
    }

    /// What the programs beside the API server have in common; they serve nobody.
    pub(super) fn as_component(&self, user: &str) -> Result<Vec<String>, ClusterError> {
        let kubeconfig = self.inner_kubeconfig(user, &[])?.display().to_string();
        Ok(vec![
            format!("--kubeconfig={kubeconfig}"),
            format!("--authentication-kubeconfig={kubeconfig}"),
            format!("--authorization-kubeconfig={kubeconfig}"),
            "--leader-elect=false".into(),
            "--secure-port=0".into(),
        ])
    }
}
