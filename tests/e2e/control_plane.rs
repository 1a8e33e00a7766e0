//! The control plane alone: comes up, knows its users, survives faults, leaves nothing.

use std::time::Instant;

use k8s_openapi::api::{
    authentication::v1::{TokenReview, TokenReviewSpec},
    core::v1::{ConfigMap, ServiceAccount},
};
use kube::{
    Api,
    api::{ListParams, ObjectMeta, PostParams},
};
use landfall_tests::cluster::{self, ControlPlane, Options};

use crate::traces::processes_of;

#[tokio::test]
#[ignore = "cluster story: make e2e"]
async fn a_control_plane_comes_and_goes_without_a_trace() {
    let began = Instant::now();
    let Some(plane) = cluster::or_skip(ControlPlane::start(Options::default()).await) else { return };
    eprintln!("control plane up in {:?}: {:?}", began.elapsed(), plane.started());
    let folder = plane.folder().to_owned();
    assert!(!processes_of(&folder).is_empty());

    let stopping = Instant::now();
    plane.stop();
    eprintln!("down in {:?}", stopping.elapsed());

    assert_eq!(processes_of(&folder), Vec::<String>::new());
    assert!(!folder.exists());
}

#[tokio::test]
#[ignore = "cluster story: make e2e"]
async fn users_may_do_what_roles_say_and_the_audit_log_names_them() {
    cluster::with_namespace("users", async |_, namespace| {
        let plane = cluster::shared().await.unwrap();
        let stranger = plane.client_of("jo@example.org", &["privacy", "audit"]).await.unwrap();
        let maps: Api<ConfigMap> = Api::namespaced(stranger, &namespace);

        let refused = maps.list(&ListParams::default()).await.unwrap_err();

        assert!(matches!(refused, kube::Error::Api(status) if status.is_forbidden()));
        let entries = plane.audit().unwrap();
        let ours: Vec<_> =
            entries.iter().filter(|entry| entry.namespace == namespace && entry.is_forbidden()).collect();
        assert_eq!(ours.len(), 1);
        assert_eq!(
            (ours[0].user.as_str(), ours[0].verb.as_str(), ours[0].resource.as_str()),
            ("jo@example.org", "list", "configmaps")
        );
    })
    .await;
}

#[tokio::test]
#[ignore = "cluster story: make e2e"]
async fn tokens_of_service_accounts_are_issued_and_reviewed() {
    cluster::with_namespace("tokens", async |client, namespace| {
        let plane = cluster::shared().await.unwrap();
        let accounts: Api<ServiceAccount> = Api::namespaced(client.clone(), &namespace);
        let metadata = ObjectMeta { name: Some("agent".into()), ..ObjectMeta::default() };
        let account = ServiceAccount { metadata, ..ServiceAccount::default() };
        accounts.create(&PostParams::default(), &account).await.unwrap();

        let token = plane.token(&namespace, "agent", Some("landfall")).await.unwrap();

        let review = async |audience: &str| {
            let spec = TokenReviewSpec { audiences: Some(vec![audience.into()]), token: Some(token.clone()) };
            let review = TokenReview { spec, ..TokenReview::default() };
            let reviews: Api<TokenReview> = Api::all(client.clone());
            reviews.create(&PostParams::default(), &review).await.unwrap().status.unwrap()
        };
        let good = review("landfall").await;
        assert_eq!(good.authenticated, Some(true));
        assert_eq!(good.user.unwrap().username.unwrap(), format!("system:serviceaccount:{namespace}:agent"));
        assert_ne!(review("another").await.authenticated, Some(true));
    })
    .await;
}

#[tokio::test]
#[ignore = "cluster story: make e2e"]
async fn objects_outlive_etcd_and_the_api_server() {
    let Some(mut plane) = cluster::or_skip(ControlPlane::start(Options::default()).await) else { return };
    let maps: Api<ConfigMap> = Api::namespaced(plane.client().await.unwrap(), "default");
    let metadata = ObjectMeta { name: Some("kept".into()), ..ObjectMeta::default() };
    maps.create(&PostParams::default(), &ConfigMap { metadata, ..ConfigMap::default() }).await.unwrap();

    plane.restart_etcd().await.unwrap();
    maps.get("kept").await.unwrap();
    plane.stop_api_server();
    assert!(maps.get("kept").await.is_err());
    plane.start_api_server().await.unwrap();
    maps.get("kept").await.unwrap();
}
