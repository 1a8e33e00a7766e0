use std::fmt::{self, Formatter};

use super::{
    Asks, CommaSeparated, Dpv, InstrumentEnd, Place, PrefixWithOwner, SeenWith, Sentence, WholeSecond, sources,
};
use crate::{CategoryList, Rung, SeenDirection, SeenPlace};

pub(super) fn write(sentence: &Sentence<'_>, f: &mut Formatter<'_>) -> fmt::Result {
    use Sentence as S;
    match sentence {
        S::AgreementUnknown { agreement } => write!(f, "the ruleset holds no agreement {agreement}"),
        S::DeclaredNotPersonal { reason } => write!(f, "declared by policy not to carry personal data: {reason}"),
        S::CollectedFromDataSubject => {
            f.write_str("inbound clients that are no registered recipient: collected from data subjects, no exporter")
        }
        S::OwnNetwork { operator, jurisdiction } => {
            write!(f, "own network in {jurisdiction}, one legal entity: {operator}")
        }
        S::OwnBranch { jurisdiction } => write!(
            f,
            "own branch in {jurisdiction}: its authorities may reach the data (Art. 5, 24, 32 GDPR); whether the \
             agreement allows to relocate the processing there (TRF-GATE) must be decided by a person"
        ),
        S::NoConnection => f.write_str(
            "no connection came about: nobody answered, or the other side refused, so that no byte of an application \
             reached anybody",
        ),
        S::NotListed { recipient } => write!(f, "{recipient} is registered, but the agreement does not list it"),
        S::Unregistered { label, rung, categories, remote_access } => {
            write!(f, "{label} is no listed sub-processor and ")?;
            match rung {
                Rung::Seen => write!(f, "was seen to receive {}", CommaSeparated(categories.iter()))?,
                Rung::Held | Rung::Declared => {
                    write!(f, "receives data of a workload that holds {}", CommaSeparated(categories.iter()))?;
                }
                Rung::Assumed | Rung::None => f.write_str("receives data of a kind that is not known")?,
            }
            f.write_str(if *remote_access { ", by remote access" } else { "" })
        }
        S::UnregisteredOfTopic { label, rung, categories } => {
            write!(f, "{label} is no listed sub-processor and ")?;
            match rung {
                Rung::Seen => write!(f, "receives {} from the topic", CommaSeparated(categories.iter())),
                Rung::Held | Rung::Declared => {
                    write!(f, "has access to a topic that holds {}", CommaSeparated(categories.iter()))
                }
                Rung::Assumed | Rung::None => {
                    f.write_str("has access to a topic with data of a kind that is not known")
                }
            }
        }
        S::NoCandidateListed { candidates, categories } => write!(
            f,
            "none of {} is a listed sub-processor, and one was seen to receive {}",
            CommaSeparated(candidates.iter()),
            CommaSeparated(categories.iter())
        ),
        S::Ambiguous { candidates } => {
            write!(f, "the address answers for several recipients: {}", CommaSeparated(candidates.iter()))
        }
        S::TooManyRecipients => {
            f.write_str("there are more recipients than are kept apart, and which of them received what is not known")
        }
        S::AddressTruncated { address, candidates } => write!(
            f,
            "the address was recorded as {address}, and within it lie {}: whole addresses would tell; what agents record \
             under this register keeps them, so record anew",
            CommaSeparated(
                candidates
                    .iter()
                    .map(|candidate| PrefixWithOwner(candidate, ["as of", "own network", "data subjects"]))
            )
        ),
        S::SentToTruncated { address, categories } => write!(
            f,
            "{} was sent to an address in {address}, and whoever it is of those within, none is a listed sub-processor",
            CommaSeparated(categories.iter())
        ),
        S::SentToUnregisteredAmongMany { categories, remote_access } => write!(
            f,
            "{} was sent to recipients that are not kept apart, and nothing says that all are listed sub-processors{}",
            CommaSeparated(categories.iter()),
            if *remote_access { ", by remote access" } else { "" }
        ),
        S::OtherController { controller, tenants, seen } => {
            let does = if *seen { "was sent" } else { "may be sent" };
            write!(f, "data of {} {does} to {controller}, a controller of its own", CommaSeparated(tenants))
        }
        S::OptionalNotActive { recipient } => {
            write!(f, "{recipient} is optional and no instruction switched it on")
        }
        S::OptionalWithoutNotice { recipient } => write!(
            f,
            "{recipient} is optional, and switching it on is read as a change that needs a notice and its objection \
             period; no effectiveFrom says that it has ended"
        ),
        S::TenantUnknown { recipient } => {
            write!(f, "{recipient} is switched on per tenant, and the workload's tenant is not known")
        }
        S::NotActiveFor { recipient, tenants } => {
            write!(f, "{recipient} is not switched on for {}", CommaSeparated(tenants))
        }
        S::ObjectionPeriod { recipient, until } => {
            write!(f, "{recipient} may be used from {until} on: the objection period has to end first")
        }
        S::Ended { recipient, from } => write!(f, "{recipient} must not be used any more since {from}"),
        S::HeldSince { categories, place, since } => {
            write!(f, "held since {}: {}, ", WholeSecond(*since), CommaSeparated(categories.iter()))?;
            match place.as_deref() {
                Some(SeenPlace { direction, recipient, endpoint, port }) => {
                    f.write_str(match direction {
                        SeenDirection::Received => "received from ",
                        SeenDirection::Sent => "sent to ",
                    })?;
                    write!(f, "{}", SeenWith { recipient, endpoint, port: *port })
                }
                None => f.write_str("seen at a place that is not kept apart"),
            }
        }
        S::HeldElsewhere { places: 1 } => f.write_str("held from one place more"),
        S::HeldElsewhere { places } => write!(f, "held from {places} places more"),
        S::HoldingNarrowed { categories, policies } => write!(
            f,
            "{} was seen at this workload within 30 days and does not count here: {} narrows it by place, direction or \
             age",
            CommaSeparated(categories.iter()),
            CommaSeparated(policies)
        ),
        S::HoldingOfTopicNarrowed { categories, policies } => write!(
            f,
            "{} was seen in this topic within 30 days and does not count here: {} narrows it by place, direction or age",
            CommaSeparated(categories.iter()),
            CommaSeparated(policies)
        ),
        S::CategoriesUnknown { recipient } => write!(f, "nothing tells which categories {recipient} receives"),
        S::SentOutsideAnnex1 { categories } => {
            write!(f, "{} was sent, and Annex 1 does not name it", CommaSeparated(categories.iter()))
        }
        S::HeldOutsideAnnex1 { categories } => write!(
            f,
            "{} is held, declared or assumed, and Annex 1 does not name it; whether it is sent cannot be seen",
            CommaSeparated(categories.iter())
        ),
        S::PolicyForbidsCategories { categories } => {
            write!(f, "the policy does not allow {}", CommaSeparated(categories.iter()))
        }
        S::PolicyForbidsPlaces { places } => write!(f, "the policy does not allow {}", CommaSeparated(places)),
        S::PolicyWantsPlaces { importer } => {
            write!(f, "the policy names the places it allows, and {importer} names none")
        }
        S::Opaque => {
            f.write_str("some of the payload was not read, and the policy counts that as unknown (opaque: Unknown)")
        }
        S::TlsBelow { versions, minimum, asks } => {
            write!(f, "TLS {} was negotiated; {} at least {minimum}", CommaSeparated(versions), who(*asks))
        }
        S::InTheClear { minimum, asks } => {
            write!(f, "personal data was sent in the clear; {} at least TLS {minimum}", who(*asks))
        }
        S::NotReadInTheClear { minimum, asks } => {
            write!(
                f,
                "data was sent in the clear by a protocol that is not read; {} at least TLS {minimum}",
                who(*asks)
            )
        }
        S::UncertainMatches { categories } => write!(
            f,
            "{} may have been sent: what was found only looks like it, or stood in fewer than three records; it does not \
             count as seen",
            CommaSeparated(categories.iter())
        ),
        S::PlaintextNotRead => f.write_str(
            "some of what was sent is in the clear and was not read, for want of a reader of its protocol: what it \
             holds is not known",
        ),
        S::EncryptedClientHello => f.write_str(
            "the ClientHello carries Encrypted Client Hello, real or not: its name counts only where the client's own \
             DNS lookup gives the same",
        ),
        S::LocationConflict { attested, evidence, worse } => write!(
            f,
            "attested is {}, but {} says {}: the worse counts",
            CommaSeparated(attested),
            sources(evidence),
            CommaSeparated(worse)
        ),
        S::LocationUnconfirmed { attested } => {
            write!(f, "attested is {}; no evidence confirms or contradicts it", CommaSeparated(attested))
        }
        S::LocationNoWorse { attested, evidence, elsewhere } => write!(
            f,
            "attested is {}; {} says {}, which is no worse",
            CommaSeparated(attested),
            sources(evidence),
            CommaSeparated(elsewhere)
        ),
        S::IntraEea { importer } => write!(f, "seat and all known processing and access in the EEA: {importer}"),
        S::ParentAbroad { entity, seat } => {
            write!(f, "{entity} has its seat in {seat}; a parent's reach is no transfer by itself")
        }
        S::TerritoryReview { jurisdiction } => {
            write!(f, "whether {jurisdiction} counts as the EEA must be decided by a person")
        }
        S::OnwardList { recipient } => write!(f, "get {recipient}'s list of sub-processors"),
        S::NoBasis { exporter, importer, place } => {
            write!(f, "no basis covers {exporter} → {importer} {}", Where(*place))
        }
        S::Carries { basis, dpv, exporter, importer, place, categories } => {
            write!(f, "{basis}{} carries {exporter} → {importer} {}", Dpv(dpv.as_deref()), Where(*place))?;
            part(categories.as_ref(), f)
        }
        S::CarriesOnce { basis, dpv, exporter, importer, place, categories } => {
            let place = Where(*place);
            write!(
                f,
                "{basis}{} carries, once nothing is missing, {exporter} → {importer} {place}",
                Dpv(dpv.as_deref())
            )?;
            part(categories.as_ref(), f)
        }
        S::DoesNotCover { basis, categories } => {
            write!(f, "{basis} does not cover {}", CommaSeparated(categories.iter()))
        }
        S::Fallen { basis, how, development } => {
            match how {
                InstrumentEnd::Annulled(judgment) => {
                    write!(f, "{basis} is void from the start, by the judgment of {judgment}")?;
                }
                InstrumentEnd::Repealed(instant) => write!(f, "{basis} was repealed with effect from {instant}")?,
                InstrumentEnd::Suspended(instant) => write!(f, "{basis} has been suspended since {instant}")?,
                InstrumentEnd::Expired(instant) => write!(f, "{basis} expired at {instant}")?,
            }
            development.as_ref().map_or(Ok(()), |name| write!(f, " ({name})"))
        }
        S::NotYet { basis, from } => write!(f, "{basis} applies only from {from}"),
        S::StaleFacts { subject, as_of, limit } => {
            write!(f, "check the facts about {subject} again: they are of {as_of}, and legalDataMaxAgeDays is {limit}")
        }
        S::ActUnknown { basis, decision } => {
            write!(f, "{basis}: register the act {decision} on which it rests")
        }
        S::TransitionIsNoBasis { development } => write!(
            f,
            "after {development} a transition period of the agreement may run; it is a contractual period and no basis"
        ),
        S::ConfirmScope { decision, regime, importer } => {
            write!(f, "{decision} covers importers under {regime} only: have {importer} confirm that it is one")
        }
        S::OutOfScope { decision, regime, importer } => {
            write!(f, "{decision} covers importers under {regime} only, and {importer} is none")
        }
        S::NotOnDpfList { basis, checked } => {
            write!(f, "{basis}: the DPF list of {checked} does not show the entity as active")
        }
        S::DpfHrOnly { basis } => write!(f, "{basis}: the certification covers HR data only"),
        S::DpfWithoutHr { basis } => write!(
            f,
            "{basis}: data of employees counts as HR data and the certification does not cover it; keep such data out, \
             or have the certification extended"
        ),
        S::DpfCheck { basis, checked, limit } => {
            write!(f, "look {basis} up in the DPF list: last done on {checked}, and dpfCheckMaxAgeDays is {limit}")
        }
        S::WrongModule { basis, needed, agreed } => {
            let roles = match needed {
                4 => "processor to controller",
                _ => "processor to processor",
            };
            write!(f, "{basis}: module {needed} ({roles}) is needed, agreed is {}", CommaSeparated(agreed.iter()))
        }
        S::ImporterUnderGdpr { basis, importer } => {
            write!(f, "{basis}: {importer} is itself under the GDPR; these clauses are not meant for it")
        }
        S::ModuleNotOffered { basis, decision, module } => {
            write!(f, "{basis}: {decision} has no module {module}, which is needed")
        }
        S::DeadClauses { basis, decision, until: Some(until) } => {
            write!(f, "{basis}: clauses on {decision} have been dead since {until}")
        }
        S::DeadClauses { basis, decision, until: None } => {
            write!(f, "{basis}: {decision} was repealed before these clauses were signed")
        }
        S::Sign { basis } => write!(f, "{basis}: get the clauses signed"),
        S::FillAnnexes { basis, module: 4 } => write!(f, "{basis}: fill in Annex I of the clauses"),
        S::FillAnnexes { basis, .. } => write!(f, "{basis}: fill in Annexes I to III of the clauses"),
        S::WrongBcr { basis } => write!(
            f,
            "{basis}: rules for a group's own data as a controller do not cover data that is processed for others"
        ),
        S::GetApproval { basis } => write!(f, "{basis}: get the approval of the competent authority, or its date"),
        S::GetCommitments { basis } => write!(f, "{basis}: get the importer's binding and enforceable commitments"),
        S::GetAuthorisation { basis } => {
            write!(f, "{basis}: get the authorisation of the supervisory authority, or its date")
        }
        S::PublicBodiesOnly { basis } => write!(f, "{basis}: only for transfers between public bodies"),
        S::OrderWithoutTreaty { basis } => write!(
            f,
            "{basis}: an order of a third country is no basis unless it rests on an international agreement in force"
        ),
        S::TreatyWithoutSafeguards { basis, treaty } => write!(
            f,
            "{basis}: {treaty} holds no appropriate safeguards; recognising the order makes no transfer lawful by itself"
        ),
        S::Recurring { basis, occurrences, limit: Some(limit) } => write!(
            f,
            "{basis}: a derogation is for single occasions; {occurrences} connections were seen and {limit} are allowed"
        ),
        S::Recurring { basis, occurrences, limit: None } => write!(
            f,
            "{basis}: a derogation never carries recurring transfers of a machine; {occurrences} connections were seen \
             and no maxOccurrences is set"
        ),
        S::NotForPublicBodies { basis } => {
            write!(f, "{basis}: not for public authorities in the exercise of their powers")
        }
        S::ApproveDerogation { basis } => write!(f, "{basis}: have a person approve the derogation for this case"),
        S::LimitDerogation { basis } => write!(f, "{basis}: set the end of its validity"),
        S::InformAboutDerogation { basis } => {
            write!(f, "{basis}: inform the supervisory authority and the data subjects")
        }
        S::Assess { basis } => write!(f, "{basis}: make the transfer impact assessment"),
        S::AssessThisImporter { basis, assessment, importer } => {
            write!(f, "{basis}: {assessment} assesses {importer}, not this importer; make one for it")
        }
        S::AssessCountry { basis, assessment, place } => {
            write!(f, "{basis}: {assessment} does not assess the law of {place}; extend it")
        }
        S::NamePlaces { basis, assessment } => {
            write!(f, "{basis}: have the importer name its places, so that {assessment} can cover them")
        }
        S::MustEndAfter { assessment, development } => {
            write!(f, "after {development}, {assessment} comes to the result that the transfer must end")
        }
        S::MustEnd { assessment, decided } => {
            write!(f, "{assessment} of {decided} comes to the result that the transfer must end")
        }
        S::MeasuresIneffective { assessment } => write!(
            f,
            "{assessment} rests on supplementary measures, but the importer has the data in the clear: no technical \
             measure is effective then, and contracts do not bind authorities; end or move the flow"
        ),
        S::FinishAssessment { basis, assessment } => write!(f, "{basis}: bring {assessment} to a result"),
        S::AssessedLater { basis, assessment, decided } => {
            write!(f, "{basis}: {assessment} was decided on {decided} only; the transfer came before")
        }
        S::RefreshAssessment { basis, assessment, decided } => {
            write!(f, "{basis}: refresh {assessment}, decided on {decided}")
        }
        S::RefreshAfter { basis, assessment, development } => {
            write!(f, "{basis}: make {assessment} again: {development} changed what it rests on")
        }
    }
}

struct Where(Place);

impl fmt::Display for Where {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.0 {
            Place::In(jurisdiction) => write!(f, "in {jurisdiction}"),
            Place::Anywhere => f.write_str("in any country"),
            Place::Organisation => f.write_str("as an international organisation"),
        }
    }
}

fn who(asks: Asks) -> &'static str {
    match asks {
        Asks::Agreement => "Annex 2 promises",
        Asks::Policy => "the policy asks for",
    }
}

/// Of which categories alone.
fn part(categories: Option<&CategoryList<'_>>, f: &mut Formatter<'_>) -> fmt::Result {
    categories.map_or(Ok(()), |categories| write!(f, ", as far as {} goes", CommaSeparated(categories.iter())))
}
