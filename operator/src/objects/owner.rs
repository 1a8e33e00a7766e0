//! The owner of what the operator writes for itself: its service account. When that goes with the release, the cluster
//! collects these objects.

use k8s_openapi::{api::authentication::v1::SelfSubjectReview, apimachinery::pkg::apis::meta::v1::OwnerReference};
use kube::{Api, Client, api::PostParams};
use landfall_process::error_chain::error_chain;

use super::call::in_time;

/// The operator's service account of this namespace. `None` for anybody else, and where the API server does not say;
/// then the objects stay until somebody deletes them.
pub(crate) async fn service_account(client: &Client, namespace: &str) -> Option<OwnerReference> {
    let reviews: Api<SelfSubjectReview> = Api::all(client.clone());
    let review = in_time(reviews.create(&PostParams::default(), &SelfSubjectReview::default())).await;
    match review {
        Ok(review) => of_review(&review, namespace),
        Err(error) => {
            let error = error_chain(&error);
            tracing::warn!(error, "Failed to ask who this is; Secret, ConfigMaps and Lease will outlive the release");
            None
        }
    }
}

fn of_review(review: &SelfSubjectReview, namespace: &str) -> Option<OwnerReference> {
    let user = review.status.as_ref()?.user_info.as_ref()?;
    let (of, name) = user.username.as_ref()?.strip_prefix("system:serviceaccount:")?.split_once(':')?;
    let uid = user.uid.clone().filter(|_| of == namespace)?;
    Some(OwnerReference {
        api_version: "v1".to_owned(),
        kind: "ServiceAccount".to_owned(),
        name: name.to_owned(),
        uid,
        ..OwnerReference::default()
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_service_account_owns_what_is_beside_it() {
        let owner = |user: serde_json::Value| {
            let review = json!({ "metadata": {}, "status": { "userInfo": user } });
            let review = serde_json::from_value(review).unwrap();
            of_review(&review, "landfall-system").map(|owner| (owner.kind, owner.name, owner.uid))
        };
        let account = "system:serviceaccount:landfall-system:landfall-operator";
        let expected = ("ServiceAccount".to_owned(), "landfall-operator".to_owned(), "7d".to_owned());
        assert_eq!(owner(json!({ "username": account, "uid": "7d" })), Some(expected));
        assert_eq!(owner(json!({ "username": "system:serviceaccount:other:landfall-operator", "uid": "7d" })), None);
        assert_eq!(owner(json!({ "username": "jo@example.org" })), None);
    }
}
