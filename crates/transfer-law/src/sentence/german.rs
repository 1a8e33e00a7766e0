use std::fmt::{self, Formatter};

use super::{
    Asks, CommaSeparated, Dpv, InstrumentEnd, Place, PrefixWithOwner, SeenWith, Sentence, WholeSecond, sources,
};
use crate::{CategoryList, Rung, SeenDirection, SeenPlace};

pub(super) fn write(sentence: &Sentence<'_>, f: &mut Formatter<'_>) -> fmt::Result {
    use Sentence as S;
    match sentence {
        S::AgreementUnknown { agreement } => write!(f, "das Register enthält keinen Vertrag {agreement}"),
        S::DeclaredNotPersonal { reason } => {
            write!(f, "laut Richtlinie ohne personenbezogene Daten: {reason}")
        }
        S::CollectedFromDataSubject => f.write_str(
            "eingehende Clients, die kein eingetragener Empfänger sind: bei betroffenen Personen erhoben, kein Exporteur",
        ),
        S::OwnNetwork { operator, jurisdiction } => {
            write!(f, "eigenes Netz in {jurisdiction}, dieselbe juristische Person: {operator}")
        }
        S::OwnBranch { jurisdiction } => write!(
            f,
            "eigene Niederlassung in {jurisdiction}: dortige Behörden könnten auf die Daten zugreifen (Art. 5, 24, 32 \
             DSGVO); ob der Vertrag die Verlagerung dorthin erlaubt (TRF-GATE), muss ein Mensch entscheiden"
        ),
        S::NoConnection => f.write_str(
            "es kam keine Verbindung zustande: niemand antwortete, oder die Gegenseite lehnte ab; kein Byte einer \
             Anwendung hat jemanden erreicht",
        ),
        S::NotListed { recipient } => write!(f, "{recipient} ist eingetragen, aber der Vertrag nennt ihn nicht"),
        S::Unregistered { label, rung, categories, remote_access } => {
            write!(f, "{label} ist kein benannter Unterauftragsverarbeiter und ")?;
            match rung {
                Rung::Seen => write!(f, "hat nachweislich {} erhalten", CommaSeparated(categories.iter()))?,
                Rung::Held | Rung::Declared => {
                    write!(f, "erhält Daten eines Workloads, der {} hält", CommaSeparated(categories.iter()))?;
                }
                Rung::Assumed | Rung::None => f.write_str("erhält Daten unbekannter Art")?,
            }
            f.write_str(if *remote_access { ", durch Fernzugriff" } else { "" })
        }
        S::UnregisteredOfTopic { label, rung, categories } => {
            write!(f, "{label} ist kein benannter Unterauftragsverarbeiter und ")?;
            match rung {
                Rung::Seen => write!(f, "erhält aus dem Topic {}", CommaSeparated(categories.iter())),
                Rung::Held | Rung::Declared => {
                    write!(f, "hat Zugang zu einem Topic, das {} hält", CommaSeparated(categories.iter()))
                }
                Rung::Assumed | Rung::None => f.write_str("hat Zugang zu einem Topic mit Daten unbekannter Art"),
            }
        }
        S::NoCandidateListed { candidates, categories } => write!(
            f,
            "keiner von {} ist ein benannter Unterauftragsverarbeiter, und einer hat nachweislich {} erhalten",
            CommaSeparated(candidates.iter()),
            CommaSeparated(categories.iter())
        ),
        S::Ambiguous { candidates } => {
            write!(f, "die Adresse steht für mehrere Empfänger: {}", CommaSeparated(candidates.iter()))
        }
        S::TooManyRecipients => f.write_str(
            "es sind mehr Empfänger, als auseinandergehalten werden; wer davon was erhalten hat, ist nicht bekannt",
        ),
        S::AddressTruncated { address, candidates } => write!(
            f,
            "aufgezeichnet wurde die Adresse als {address}, und darin liegen {}: erst ganze Adressen sagen, wer es ist; \
             was Agenten unter diesem Register aufzeichnen, behält sie, also neu aufzeichnen",
            CommaSeparated(candidates.iter().map(|candidate| PrefixWithOwner(candidate, ["Stand", "eigenes Netz", "betroffene Personen"])))
        ),
        S::SentToTruncated { address, categories } => write!(
            f,
            "{} ging an eine Adresse in {address}, und wer von denen darin es auch ist, keiner ist ein benannter \
             Unterauftragsverarbeiter",
            CommaSeparated(categories.iter())
        ),
        S::SentToUnregisteredAmongMany { categories, remote_access } => write!(
            f,
            "{} ging an Empfänger, die nicht auseinandergehalten werden, und nichts belegt, dass alle benannte \
             Unterauftragsverarbeiter sind{}",
            CommaSeparated(categories.iter()),
            if *remote_access { ", durch Fernzugriff" } else { "" }
        ),
        S::OtherController { controller, tenants, seen } => {
            let does = if *seen { "gingen" } else { "gehen möglicherweise" };
            write!(f, "Daten von {} {does} an {controller}, einen anderen Verantwortlichen", CommaSeparated(tenants))
        }
        S::OptionalNotActive { recipient } => {
            write!(f, "{recipient} ist optional und durch keine Weisung eingeschaltet")
        }
        S::OptionalWithoutNotice { recipient } => write!(
            f,
            "{recipient} ist optional, und das Einschalten gilt nach der gewählten Auslegung als Änderung, die eine \
             Mitteilung und deren Widerspruchsfrist braucht; kein effectiveFrom belegt deren Ende"
        ),
        S::TenantUnknown { recipient } => {
            write!(f, "{recipient} ist je Mandant eingeschaltet, und der Mandant des Workloads ist nicht bekannt")
        }
        S::NotActiveFor { recipient, tenants } => {
            write!(f, "{recipient} ist für {} nicht eingeschaltet", CommaSeparated(tenants))
        }
        S::ObjectionPeriod { recipient, until } => {
            write!(f, "{recipient} darf erst ab {until} eingesetzt werden: zuvor muss die Widerspruchsfrist ablaufen")
        }
        S::Ended { recipient, from } => write!(f, "{recipient} darf seit {from} nicht mehr eingesetzt werden"),
        S::HeldSince { categories, place, since } => {
            write!(f, "vorhanden seit {}: {}, ", WholeSecond(*since), CommaSeparated(categories.iter()))?;
            match place.as_deref() {
                Some(SeenPlace { direction, recipient, endpoint, port }) => {
                    f.write_str(match direction {
                        SeenDirection::Received => "erhalten von ",
                        SeenDirection::Sent => "gesendet an ",
                    })?;
                    write!(f, "{}", SeenWith { recipient, endpoint, port: *port })
                }
                None => f.write_str("gesehen an einer Stelle, die nicht auseinandergehalten wird"),
            }
        }
        S::HeldElsewhere { places: 1 } => f.write_str("von einer weiteren Stelle her vorhanden"),
        S::HeldElsewhere { places } => write!(f, "von {places} weiteren Stellen her vorhanden"),
        S::HoldingNarrowed { categories, policies } => write!(
            f,
            "{} wurde binnen 30 Tagen bei diesem Workload gesehen und zählt hier nicht: {} grenzt es nach Stelle, Richtung \
             oder Alter ein",
            CommaSeparated(categories.iter()),
            CommaSeparated(policies)
        ),
        S::HoldingOfTopicNarrowed { categories, policies } => write!(
            f,
            "{} wurde binnen 30 Tagen in diesem Topic gesehen und zählt hier nicht: {} grenzt es nach Stelle, Richtung oder \
             Alter ein",
            CommaSeparated(categories.iter()),
            CommaSeparated(policies)
        ),
        S::CategoriesUnknown { recipient } => {
            write!(f, "es ist nicht bekannt, welche Datenkategorien {recipient} erhält")
        }
        S::SentOutsideAnnex1 { categories } => {
            write!(f, "{} wurde übermittelt, und Anlage 1 nennt es nicht", CommaSeparated(categories.iter()))
        }
        S::HeldOutsideAnnex1 { categories } => write!(
            f,
            "{} ist vorhanden, erklärt oder angenommen, und Anlage 1 nennt es nicht; ob es übermittelt wird, ist nicht \
             zu sehen",
            CommaSeparated(categories.iter())
        ),
        S::PolicyForbidsCategories { categories } => {
            write!(f, "die Richtlinie erlaubt {} nicht", CommaSeparated(categories.iter()))
        }
        S::PolicyForbidsPlaces { places } => write!(f, "die Richtlinie erlaubt {} nicht", CommaSeparated(places)),
        S::PolicyWantsPlaces { importer } => {
            write!(f, "die Richtlinie zählt die erlaubten Orte auf, und {importer} nennt keinen")
        }
        S::Opaque => f.write_str(
            "ein Teil der Nutzdaten wurde nicht gelesen, und die Richtlinie wertet das als unbekannt (opaque: Unknown)",
        ),
        S::TlsBelow { versions, minimum, asks } => {
            write!(f, "ausgehandelt wurde TLS {}; {} mindestens {minimum}", CommaSeparated(versions), who(*asks))
        }
        S::InTheClear { minimum, asks } => {
            write!(f, "personenbezogene Daten gingen unverschlüsselt; {} mindestens TLS {minimum}", who(*asks))
        }
        S::NotReadInTheClear { minimum, asks } => write!(
            f,
            "Daten gingen unverschlüsselt über ein Protokoll, das nicht gelesen wird; {} mindestens TLS {minimum}",
            who(*asks)
        ),
        S::UncertainMatches { categories } => write!(
            f,
            "{} wurde vielleicht übermittelt: Gefundenes sieht nur so aus oder stand in weniger als drei Datensätzen; es gilt \
             nicht als gesehen",
            CommaSeparated(categories.iter())
        ),
        S::PlaintextNotRead => f.write_str(
            "ein Teil des Gesendeten ist unverschlüsselt und wurde nicht gelesen, weil sein Protokoll nicht gelesen \
             wird: was er enthält, ist nicht bekannt",
        ),
        S::EncryptedClientHello => f.write_str(
            "das ClientHello enthält Encrypted Client Hello, echt oder nicht: sein Name zählt nur, wenn die \
             Namensauflösung des Clients denselben ergibt",
        ),
        S::LocationConflict { attested, evidence, worse } => write!(
            f,
            "zugesichert ist {}, aber {} spricht für {}: das Schlechtere zählt",
            CommaSeparated(attested),
            sources(evidence),
            CommaSeparated(worse)
        ),
        S::LocationUnconfirmed { attested } => {
            write!(f, "zugesichert ist {}; kein Beleg bestätigt oder widerlegt es", CommaSeparated(attested))
        }
        S::LocationNoWorse { attested, evidence, elsewhere } => write!(
            f,
            "zugesichert ist {}; {} spricht für {}, was nicht schlechter ist",
            CommaSeparated(attested),
            sources(evidence),
            CommaSeparated(elsewhere)
        ),
        S::IntraEea { importer } => {
            write!(f, "Sitz und alle bekannten Verarbeitungs- und Zugriffsorte im EWR: {importer}")
        }
        S::ParentAbroad { entity, seat } => {
            write!(f, "{entity} hat seinen Sitz in {seat}; die Reichweite einer Mutter ist allein keine Übermittlung")
        }
        S::TerritoryReview { jurisdiction } => {
            write!(f, "ob {jurisdiction} zum EWR zählt, muss ein Mensch entscheiden")
        }
        S::OnwardList { recipient } => write!(f, "die Liste der Unterauftragsverarbeiter von {recipient} einholen"),
        S::NoBasis { exporter, importer, place } => {
            write!(f, "keine Grundlage deckt {exporter} → {importer} {}", Where(*place))
        }
        S::Carries { basis, dpv, exporter, importer, place, categories } => {
            write!(f, "{basis}{} trägt {exporter} → {importer} {}", Dpv(dpv.as_deref()), Where(*place))?;
            part(categories.as_ref(), f)
        }
        S::CarriesOnce { basis, dpv, exporter, importer, place, categories } => {
            let place = Where(*place);
            write!(f, "{basis}{} trägt, sobald nichts mehr fehlt, {exporter} → {importer} {place}", Dpv(dpv.as_deref()))?;
            part(categories.as_ref(), f)
        }
        S::DoesNotCover { basis, categories } => write!(f, "{basis} umfasst {} nicht", CommaSeparated(categories.iter())),
        S::Fallen { basis, how, development } => {
            match how {
                InstrumentEnd::Annulled(judgment) => {
                    write!(f, "{basis} ist von Anfang an nichtig, durch das Urteil vom {judgment}")?;
                }
                InstrumentEnd::Repealed(instant) => write!(f, "{basis} wurde mit Wirkung ab {instant} aufgehoben")?,
                InstrumentEnd::Suspended(instant) => write!(f, "{basis} ist seit {instant} ausgesetzt")?,
                InstrumentEnd::Expired(instant) => write!(f, "{basis} ist am {instant} abgelaufen")?,
            }
            development.as_ref().map_or(Ok(()), |name| write!(f, " ({name})"))
        }
        S::NotYet { basis, from } => write!(f, "{basis} gilt erst ab {from}"),
        S::StaleFacts { subject, as_of, limit } => write!(
            f,
            "die Angaben zu {subject} erneut prüfen: sie sind vom {as_of}, und legalDataMaxAgeDays ist {limit}"
        ),
        S::ActUnknown { basis, decision } => {
            write!(f, "{basis}: den Rechtsakt {decision}, auf dem es beruht, eintragen")
        }
        S::TransitionIsNoBasis { development } => write!(
            f,
            "nach {development} kann eine vertragliche Übergangsfrist laufen; sie ist keine Grundlage einer Übermittlung"
        ),
        S::ConfirmScope { decision, regime, importer } => write!(
            f,
            "{decision} gilt nur für Importeure unter {regime}: von {importer} bestätigen lassen, dass er einer ist"
        ),
        S::OutOfScope { decision, regime, importer } => {
            write!(f, "{decision} gilt nur für Importeure unter {regime}, und {importer} ist keiner")
        }
        S::NotOnDpfList { basis, checked } => {
            write!(f, "{basis}: die DPF-Liste vom {checked} führt die Gesellschaft nicht als aktiv")
        }
        S::DpfHrOnly { basis } => write!(f, "{basis}: die Zertifizierung umfasst nur Beschäftigtendaten"),
        S::DpfWithoutHr { basis } => write!(
            f,
            "{basis}: Daten von Beschäftigten gelten als HR-Daten und sind von der Zertifizierung nicht umfasst; solche \
             Daten heraushalten oder die Zertifizierung erweitern lassen"
        ),
        S::DpfCheck { basis, checked, limit } => write!(
            f,
            "{basis} in der DPF-Liste nachschlagen: zuletzt am {checked} geschehen, und dpfCheckMaxAgeDays ist {limit}"
        ),
        S::WrongModule { basis, needed, agreed } => {
            let roles = match needed {
                4 => "Auftragsverarbeiter an Verantwortlichen",
                _ => "Auftragsverarbeiter an Auftragsverarbeiter",
            };
            write!(f, "{basis}: nötig ist Modul {needed} ({roles}), vereinbart ist {}", CommaSeparated(agreed.iter()))
        }
        S::ImporterUnderGdpr { basis, importer } => {
            write!(f, "{basis}: {importer} unterliegt selbst der DSGVO; für ihn sind diese Klauseln nicht gedacht")
        }
        S::ModuleNotOffered { basis, decision, module } => {
            write!(f, "{basis}: {decision} hat das nötige Modul {module} nicht")
        }
        S::DeadClauses { basis, decision, until: Some(until) } => {
            write!(f, "{basis}: Klauseln nach {decision} tragen seit {until} nicht mehr")
        }
        S::DeadClauses { basis, decision, until: None } => {
            write!(f, "{basis}: {decision} war vor der Unterzeichnung dieser Klauseln aufgehoben")
        }
        S::Sign { basis } => write!(f, "{basis}: die Klauseln unterzeichnen lassen"),
        S::FillAnnexes { basis, module: 4 } => write!(f, "{basis}: Anhang I der Klauseln ausfüllen"),
        S::FillAnnexes { basis, .. } => write!(f, "{basis}: Anhänge I bis III der Klauseln ausfüllen"),
        S::WrongBcr { basis } => write!(
            f,
            "{basis}: Vorschriften für eigene Daten einer Gruppe als Verantwortliche umfassen keine Daten, die für \
             andere verarbeitet werden"
        ),
        S::GetApproval { basis } => {
            write!(f, "{basis}: die Genehmigung der zuständigen Behörde oder deren Datum einholen")
        }
        S::GetCommitments { basis } => {
            write!(f, "{basis}: rechtsverbindliche und durchsetzbare Verpflichtungen des Importeurs einholen")
        }
        S::GetAuthorisation { basis } => {
            write!(f, "{basis}: die Genehmigung der Aufsichtsbehörde oder deren Datum einholen")
        }
        S::PublicBodiesOnly { basis } => write!(f, "{basis}: nur für Übermittlungen zwischen öffentlichen Stellen"),
        S::OrderWithoutTreaty { basis } => write!(
            f,
            "{basis}: die Anordnung eines Drittlands ist keine Grundlage, wenn sie auf keiner geltenden internationalen \
             Übereinkunft beruht"
        ),
        S::TreatyWithoutSafeguards { basis, treaty } => write!(
            f,
            "{basis}: {treaty} enthält keine geeigneten Garantien; die Anerkennung der Anordnung allein macht keine \
             Übermittlung rechtmäßig"
        ),
        S::Recurring { basis, occurrences, limit: Some(limit) } => write!(
            f,
            "{basis}: eine Ausnahme gilt für den Einzelfall; gesehen wurden {occurrences} Verbindungen, erlaubt sind \
             {limit}"
        ),
        S::Recurring { basis, occurrences, limit: None } => write!(
            f,
            "{basis}: eine Ausnahme trägt nie wiederkehrende Übermittlungen einer Maschine; gesehen wurden {occurrences} \
             Verbindungen, und maxOccurrences ist nicht gesetzt"
        ),
        S::NotForPublicBodies { basis } => {
            write!(f, "{basis}: nicht für Behörden in Ausübung ihrer hoheitlichen Befugnisse")
        }
        S::ApproveDerogation { basis } => write!(f, "{basis}: die Ausnahme von einem Menschen freigeben lassen"),
        S::LimitDerogation { basis } => write!(f, "{basis}: das Ende der Gültigkeit festlegen"),
        S::InformAboutDerogation { basis } => {
            write!(f, "{basis}: Aufsichtsbehörde und betroffene Personen unterrichten")
        }
        S::Assess { basis } => write!(f, "{basis}: die Transfer-Folgenabschätzung erstellen"),
        S::AssessThisImporter { basis, assessment, importer } => {
            write!(f, "{basis}: {assessment} bewertet {importer}, nicht diesen Importeur; für ihn eine erstellen")
        }
        S::AssessCountry { basis, assessment, place } => {
            write!(f, "{basis}: {assessment} bewertet das Recht von {place} nicht; erweitern")
        }
        S::NamePlaces { basis, assessment } => {
            write!(f, "{basis}: vom Importeur die Orte nennen lassen, damit {assessment} sie bewerten kann")
        }
        S::MustEndAfter { assessment, development } => {
            write!(f, "nach {development} kommt {assessment} zu dem Ergebnis, dass die Übermittlung enden muss")
        }
        S::MustEnd { assessment, decided } => {
            write!(f, "{assessment} vom {decided} kommt zu dem Ergebnis, dass die Übermittlung enden muss")
        }
        S::MeasuresIneffective { assessment } => write!(
            f,
            "{assessment} beruht auf zusätzlichen Maßnahmen, aber der Importeur hat die Daten im Klartext: dann wirkt \
             keine technische Maßnahme, und Verträge binden Behörden nicht; den Datenfluss beenden oder verlagern"
        ),
        S::FinishAssessment { basis, assessment } => write!(f, "{basis}: {assessment} zu einem Ergebnis bringen"),
        S::AssessedLater { basis, assessment, decided } => {
            write!(f, "{basis}: {assessment} wurde erst am {decided} entschieden; die Übermittlung war früher")
        }
        S::RefreshAssessment { basis, assessment, decided } => {
            write!(f, "{basis}: {assessment}, entschieden am {decided}, erneuern")
        }
        S::RefreshAfter { basis, assessment, development } => {
            write!(f, "{basis}: {assessment} neu erstellen: {development} hat geändert, worauf es beruht")
        }
    }
}

struct Where(Place);

impl fmt::Display for Where {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.0 {
            Place::In(jurisdiction) => write!(f, "in {jurisdiction}"),
            Place::Anywhere => f.write_str("in irgendeinem Land"),
            Place::Organisation => f.write_str("als internationale Organisation"),
        }
    }
}

fn who(asks: Asks) -> &'static str {
    match asks {
        Asks::Agreement => "Anlage 2 verspricht",
        Asks::Policy => "die Richtlinie verlangt",
    }
}

/// Of which categories alone.
fn part(categories: Option<&CategoryList<'_>>, f: &mut Formatter<'_>) -> fmt::Result {
    categories.map_or(Ok(()), |categories| write!(f, ", soweit es um {} geht", CommaSeparated(categories.iter())))
}
