//! Networks that are looked up periodically instead of watched: they rarely change, and rights on two named objects
//! suffice.

use std::{collections::BTreeSet, fs, net::IpAddr, sync::Arc, time::Duration};

use ipnet::IpNet;
use k8s_openapi::api::{core::v1::Service, discovery::v1::EndpointSlice, networking::v1::ServiceCIDR};
use kube::{Api, Client, api::ListParams};
use tokio::{
    sync::{Notify, watch},
    time::sleep,
};

use super::resolv_conf::name_servers;
use crate::objects::call::{CallError, in_time};

/// Interval of the lookups.
const INTERVAL: Duration = Duration::from_mins(1);
/// Maximum number of ServiceCIDRs to list; a cluster has one or two.
const MAX_CIDRS: u32 = 64;
/// Namespace and name of the API server's Service and EndpointSlice.
const API_SERVER: (&str, &str) = ("default", "kubernetes");
const RESOLV_CONF: &str = "/etc/resolv.conf";

const NO_SERVICES: &str =
    "the networks of Services (the operator needs list on servicecidrs, or get on the Service default/kubernetes)";
const NO_API_SERVER: &str =
    "the API server's addresses (the operator needs get on the EndpointSlice default/kubernetes)";

/// The results of the latest lookups.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct LookupResult {
    pub(super) services: Vec<IpNet>,
    pub(super) api_server: Vec<IpAddr>,
    pub(super) name_servers: Vec<IpAddr>,
    /// What could not be read.
    pub(super) unread: BTreeSet<&'static str>,
}

/// Looks everything up periodically and notifies the compiler of changes. Does not return.
pub(super) async fn look_up_periodically(
    client: Client,
    answer: watch::Sender<Option<LookupResult>>,
    changes: Arc<Notify>,
) -> &'static str {
    loop {
        let before = answer.borrow().clone();
        let found = LookupResult {
            services: services(&client).await,
            api_server: api_server(&client).await,
            // The kubelet writes the file once, before the pod starts.
            name_servers: fs::read_to_string(RESOLV_CONF).map(|text| name_servers(&text)).unwrap_or_default(),
            unread: BTreeSet::new(),
        };
        let found = found.or(before.as_ref());
        if before.as_ref() != Some(&found) {
            answer.send_replace(Some(found));
            changes.notify_one();
        }
        sleep(INTERVAL).await;
    }
}

impl LookupResult {
    /// Keeps previous results where the API server did not answer.
    fn or(mut self, before: Option<&Self>) -> Self {
        if self.services.is_empty() {
            self.services = before.map(|before| before.services.clone()).unwrap_or_default();
        }
        if self.api_server.is_empty() {
            self.api_server = before.map(|before| before.api_server.clone()).unwrap_or_default();
        }
        self.unread.extend(self.services.is_empty().then_some(NO_SERVICES));
        self.unread.extend(self.api_server.is_empty().then_some(NO_API_SERVER));
        self
    }
}

/// The networks of Services: ServiceCIDRs since Kubernetes 1.33, otherwise only the address of one Service.
async fn services(client: &Client) -> Vec<IpNet> {
    let all = Api::<ServiceCIDR>::all(client.clone());
    match in_time(all.list(&ListParams::default().limit(MAX_CIDRS))).await {
        Ok(listed) => {
            let cidrs =
                listed.items.into_iter().filter_map(|it| it.spec).flat_map(|spec| spec.cidrs.unwrap_or_default());
            let cidrs: Vec<_> = cidrs.filter_map(|cidr| cidr.parse::<IpNet>().ok()).collect();
            if !cidrs.is_empty() {
                return cidrs;
            }
        }
        Err(error) => log("ServiceCIDRs", &error),
    }
    let (namespace, name) = API_SERVER;
    match in_time(Api::<Service>::namespaced(client.clone(), namespace).get(name)).await {
        Ok(service) => {
            let spec = service.spec.unwrap_or_default();
            let addresses = spec.cluster_ips.unwrap_or_default().into_iter().chain(spec.cluster_ip);
            let addresses: BTreeSet<IpAddr> = addresses.filter_map(|address| address.parse().ok()).collect();
            addresses.into_iter().map(IpNet::from).collect()
        }
        Err(error) => {
            log("the Service of the API server", &error);
            Vec::new()
        }
    }
}

async fn api_server(client: &Client) -> Vec<IpAddr> {
    let (namespace, name) = API_SERVER;
    match in_time(Api::<EndpointSlice>::namespaced(client.clone(), namespace).get(name)).await {
        Ok(slice) => {
            let addresses = slice.endpoints.into_iter().flat_map(|endpoint| endpoint.addresses);
            let addresses: BTreeSet<IpAddr> = addresses.filter_map(|address| address.parse().ok()).collect();
            addresses.into_iter().collect()
        }
        Err(error) => {
            log("the endpoints of the API server", &error);
            Vec::new()
        }
    }
}

/// Logs the cause; the condition shows people that something cannot be read.
fn log(what: &str, error: &CallError) {
    let error = error as &dyn std::error::Error;
    tracing::debug!(error, %what, "Failed to look up the cluster's networks");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn previous_results_are_kept_while_the_api_server_does_not_answer() {
        let nothing = LookupResult::default().or(None);
        assert_eq!(nothing.unread, BTreeSet::from([NO_SERVICES, NO_API_SERVER]));
        let known = LookupResult {
            services: vec!["10.96.0.0/12".parse().unwrap()],
            api_server: vec!["192.0.2.1".parse().unwrap()],
            ..LookupResult::default()
        };
        assert_eq!(known.clone().or(Some(&nothing)), known);
        assert_eq!(LookupResult::default().or(Some(&known)), known);
        let moved = LookupResult { api_server: vec!["192.0.2.2".parse().unwrap()], ..LookupResult::default() };
        let expected = LookupResult { services: known.services.clone(), ..moved.clone() };
        assert_eq!(moved.or(Some(&known)), expected);
    }
}
