//! Authentication by bearer token: the API server reviews it (TokenReview) for the operator's audience. Results are
//! cached briefly. Agents send the projected token of their service account.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use axum::http::{HeaderMap, header};
use k8s_openapi::api::authentication::v1::{TokenReview, TokenReviewSpec, UserInfo};
use kube::{Api, Client, api::PostParams};
use tokio::time::timeout;

/// The pod that a projected token is bound to (Kubernetes 1.21 and later).
const POD_NAME: &str = "authentication.kubernetes.io/pod-name";
/// The node of the pod that a projected token is bound to (Kubernetes 1.32 and later).
const NODE_NAME: &str = "authentication.kubernetes.io/node-name";
/// How long an accepted token is cached, and so how long a revoked one still works.
const ACCEPTED_TTL: Duration = Duration::from_mins(1);
/// How long a rejected token is cached.
const REJECTED_TTL: Duration = Duration::from_secs(5);
/// Maximum number of tokens in the cache; each node has one.
const MAX_CACHED: usize = 10_000;
/// Timeout of a review.
const REVIEW_TIMEOUT: Duration = Duration::from_secs(5);
/// Maximum length of a token in bytes; a longer one is rejected unread.
const MAX_TOKEN: usize = 16 << 10;

/// Why a request is not authenticated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AuthenticationError {
    /// There is no token, or it is not valid for the operator's audience.
    #[error("expected a bearer token for this operator")]
    Unauthenticated,
    /// The token is valid, but its account lacks the permission.
    #[error("expected an account with this permission")]
    Forbidden,
    /// The API server could not review the token.
    #[error("the API server cannot review tokens at the moment")]
    ReviewUnavailable,
}

/// An authenticated agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The name that its observations must have, that of its node or pod; `None` if any name is accepted.
    pub agent: Option<String>,
    /// What it may observe.
    pub scope: Scope,
}

/// What an agent may observe.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Whatever there is.
    All,
    /// Topics of message buses.
    Topics,
}

/// Which agents may deliver observations.
#[derive(Debug, Clone)]
pub struct AgentRule {
    /// `namespace/name` of the agents' service account.
    pub service_account: String,
    /// `namespace/name` of the service account of agents that watch buses, if there are any.
    pub bus_service_account: Option<String>,
    /// Whether the name of an agent must be that of the node that its token is bound to, and of one that watches buses that of
    /// the pod.
    pub by_node: bool,
}

/// The result of a review, and until when it is valid.
type Answer = (Result<UserInfo, AuthenticationError>, Instant);

/// Reviews tokens.
#[derive(Clone)]
pub struct TokenReviewer {
    reviews: Api<TokenReview>,
    /// The audience that tokens must have.
    audience: Arc<str>,
    remembered: Arc<Mutex<HashMap<String, Answer>>>,
}

/// Authenticates agents.
#[derive(Debug, Clone)]
pub struct Authenticator {
    reviewer: TokenReviewer,
    rule: Arc<AgentRule>,
}

impl TokenReviewer {
    /// Reviews tokens for `audience` through `client`.
    pub fn new(client: Client, audience: &str) -> Self {
        Self { reviews: Api::all(client), audience: audience.into(), remembered: Arc::default() }
    }

    /// The user whose token is in these headers.
    pub async fn user(&self, headers: &HeaderMap) -> Result<UserInfo, AuthenticationError> {
        let value = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let token = value.strip_prefix("Bearer ").filter(|token| !token.is_empty() && token.len() <= MAX_TOKEN);
        let token = token.ok_or(AuthenticationError::Unauthenticated)?;
        if let Some(known) = self.recall(token) {
            return known;
        }
        let user = self.review(token).await;
        // A failed review says nothing about the token and is not cached.
        if user.as_ref().err() != Some(&AuthenticationError::ReviewUnavailable) {
            self.remember(token, user.clone());
        }
        user
    }

    async fn review(&self, token: &str) -> Result<UserInfo, AuthenticationError> {
        let audience = String::from(&*self.audience);
        let spec = TokenReviewSpec { token: Some(token.to_owned()), audiences: Some(vec![audience.clone()]) };
        let review = TokenReview { spec, ..TokenReview::default() };
        let answer = timeout(REVIEW_TIMEOUT, self.reviews.create(&PostParams::default(), &review)).await;
        let status = match answer {
            Ok(Ok(TokenReview { status: Some(status), .. })) => status,
            Ok(Err(error)) => {
                tracing::warn!(%error, "Failed to review a token");
                return Err(AuthenticationError::ReviewUnavailable);
            }
            Ok(Ok(_)) | Err(_) => return Err(AuthenticationError::ReviewUnavailable),
        };
        let for_us = status.audiences.is_some_and(|audiences| audiences.contains(&audience));
        if status.authenticated != Some(true) || !for_us {
            return Err(AuthenticationError::Unauthenticated);
        }
        Ok(status.user.unwrap_or_default())
    }

    fn recall(&self, token: &str) -> Option<Result<UserInfo, AuthenticationError>> {
        let remembered = self.remembered.lock().unwrap_or_else(PoisonError::into_inner);
        let (user, until) = remembered.get(token)?;
        (Instant::now() < *until).then(|| user.clone())
    }

    fn remember(&self, token: &str, user: Result<UserInfo, AuthenticationError>) {
        let now = Instant::now();
        let until = now + if user.is_ok() { ACCEPTED_TTL } else { REJECTED_TTL };
        let mut remembered = self.remembered.lock().unwrap_or_else(PoisonError::into_inner);
        if remembered.len() >= MAX_CACHED {
            remembered.retain(|_, (_, until)| now < *until);
        }
        if remembered.len() < MAX_CACHED {
            remembered.insert(token.to_owned(), (user, until));
        }
    }
}

impl Authenticator {
    /// Authenticates agents by a rule.
    pub fn new(reviewer: TokenReviewer, rule: AgentRule) -> Self {
        Self { reviewer, rule: Arc::new(rule) }
    }

    /// The agent whose token is in these headers.
    pub async fn authenticate(&self, headers: &HeaderMap) -> Result<Caller, AuthenticationError> {
        self.rule.admit(&self.reviewer.user(headers).await?)
    }
}

impl std::fmt::Debug for TokenReviewer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Without the cache, whose keys are tokens.
        f.debug_struct("TokenReviewer").field("audience", &self.audience).finish_non_exhaustive()
    }
}

impl AgentRule {
    fn admit(&self, user: &UserInfo) -> Result<Caller, AuthenticationError> {
        let is_user = |account: &str| {
            let (namespace, name) = account.split_once('/').unwrap_or_default();
            user.username.as_deref() == Some(format!("system:serviceaccount:{namespace}:{name}").as_str())
        };
        let (scope, bound_to) = if is_user(&self.service_account) {
            (Scope::All, NODE_NAME)
        } else if self.bus_service_account.as_deref().is_some_and(is_user) {
            (Scope::Topics, POD_NAME)
        } else {
            return Err(AuthenticationError::Forbidden);
        };
        if !self.by_node {
            return Ok(Caller { agent: None, scope });
        }
        let name = user.extra.as_ref().and_then(|extra| extra.get(bound_to)).and_then(|names| names.first());
        // A token that is not bound could impersonate any agent.
        name.map(|name| Caller { agent: Some(name.clone()), scope }).ok_or(AuthenticationError::Forbidden)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(name: &str, node: Option<&str>) -> UserInfo {
        let extra = node.map(|node| [(NODE_NAME.to_owned(), vec![node.to_owned()])].into());
        UserInfo { username: Some(name.to_owned()), extra, ..UserInfo::default() }
    }

    fn rule(by_node: bool) -> AgentRule {
        AgentRule {
            service_account: "landfall/landfall-agent".to_owned(),
            bus_service_account: Some("landfall/landfall-bus-agent".to_owned()),
            by_node,
        }
    }

    #[test]
    fn only_the_agents_service_account_is_admitted_and_only_for_its_node() {
        let agent = "system:serviceaccount:landfall:landfall-agent";
        let on_node = Ok(Caller { agent: Some("node-eu".to_owned()), scope: Scope::All });
        assert_eq!(rule(true).admit(&user(agent, Some("node-eu"))), on_node);
        assert_eq!(rule(true).admit(&user(agent, None)), Err(AuthenticationError::Forbidden));
        assert_eq!(rule(false).admit(&user(agent, None)), Ok(Caller { agent: None, scope: Scope::All }));
        let other = "system:serviceaccount:other:landfall-agent";
        assert_eq!(rule(false).admit(&user(other, Some("node-eu"))), Err(AuthenticationError::Forbidden));
        assert_eq!(rule(false).admit(&UserInfo::default()), Err(AuthenticationError::Forbidden));
    }

    #[test]
    fn agents_that_watch_buses_are_admitted_for_topics_and_by_their_pods() {
        let agent = "system:serviceaccount:landfall:landfall-bus-agent";
        let bound = |pod: &str| UserInfo {
            username: Some(agent.to_owned()),
            extra: Some(
                [(NODE_NAME, "node-eu"), (POD_NAME, pod)].map(|(n, v)| (n.to_owned(), vec![v.to_owned()])).into(),
            ),
            ..UserInfo::default()
        };
        let in_pod = Caller { agent: Some("landfall-bus-agent-0".to_owned()), scope: Scope::Topics };
        assert_eq!(rule(true).admit(&bound("landfall-bus-agent-0")), Ok(in_pod));
        assert_eq!(rule(true).admit(&user(agent, Some("node-eu"))), Err(AuthenticationError::Forbidden));
        assert_eq!(rule(false).admit(&user(agent, None)), Ok(Caller { agent: None, scope: Scope::Topics }));
        let none = AgentRule { bus_service_account: None, ..rule(false) };
        assert_eq!(none.admit(&user(agent, None)), Err(AuthenticationError::Forbidden));
    }
}
