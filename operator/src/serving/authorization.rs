//! Authorization to read the ledger: a SubjectAccessReview on the virtual resource `ledgers.landfall.dev`, so that
//! ordinary roles grant it.

use k8s_openapi::api::{
    authentication::v1::UserInfo,
    authorization::v1::{ResourceAttributes, SubjectAccessReview, SubjectAccessReviewSpec},
};
use kube::{Api, Client, api::PostParams};
use landfall_api::{GROUP, VERSION};

use super::authentication::AuthenticationError;
use crate::objects::call::in_time;

/// The resource as named in roles.
const RESOURCE: &str = "ledgers";

/// A verb on the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verb {
    /// List segments.
    List,
    /// Read records.
    Get,
}

/// Checks with the API server whether a user may read the ledger.
#[derive(Debug, Clone)]
pub(crate) struct Authorizer(Api<SubjectAccessReview>);

impl Verb {
    fn name(self) -> &'static str {
        match self {
            Self::List => "list",
            Self::Get => "get",
        }
    }
}

impl Authorizer {
    pub(crate) fn new(client: Client) -> Self {
        Self(Api::all(client))
    }

    /// Rejects users without permission, and everybody while the API server cannot be reached.
    pub(crate) async fn admit(&self, user: &UserInfo, verb: Verb) -> Result<(), AuthenticationError> {
        let review = SubjectAccessReview { spec: spec(user, verb), ..SubjectAccessReview::default() };
        match in_time(self.0.create(&PostParams::default(), &review)).await {
            Ok(SubjectAccessReview { status: Some(status), .. }) if status.allowed && status.denied != Some(true) => {
                Ok(())
            }
            Ok(_) => Err(AuthenticationError::Forbidden),
            Err(error) => {
                let error = &error as &dyn std::error::Error;
                tracing::warn!(error, "Failed to review an access");
                Err(AuthenticationError::ReviewUnavailable)
            }
        }
    }
}

fn spec(user: &UserInfo, verb: Verb) -> SubjectAccessReviewSpec {
    let UserInfo { extra, groups, uid, username } = user.clone();
    let attributes = ResourceAttributes {
        group: Some(GROUP.to_owned()),
        version: Some(VERSION.to_owned()),
        resource: Some(RESOURCE.to_owned()),
        verb: Some(verb.name().to_owned()),
        ..ResourceAttributes::default()
    };
    SubjectAccessReviewSpec {
        resource_attributes: Some(attributes),
        extra,
        groups,
        uid,
        user: username,
        ..SubjectAccessReviewSpec::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_review_contains_everything_known_about_the_user() {
        let user = UserInfo {
            username: Some("system:serviceaccount:privacy:reader".to_owned()),
            groups: Some(vec!["system:serviceaccounts".to_owned()]),
            uid: Some("7".to_owned()),
            extra: Some([("key".to_owned(), vec!["value".to_owned()])].into()),
        };
        let spec = spec(&user, Verb::Get);
        assert_eq!((&spec.user, &spec.groups), (&user.username, &user.groups));
        assert_eq!((&spec.uid, &spec.extra), (&user.uid, &user.extra));
        let attributes = spec.resource_attributes.unwrap();
        let named = [attributes.group, attributes.resource, attributes.verb].map(Option::unwrap);
        assert_eq!(named, ["landfall.dev", "ledgers", "get"]);
    }
}
