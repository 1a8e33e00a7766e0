use std::path::PathBuf;

use anyhow::bail;
use jiff::Timestamp;
use landfall_agent::{
    kafka::{
        connect::ConnectClient,
        inventory::{self, Inventory, InventoryOptions},
        landing::{
            LandingGraph,
            findings::{self, Sampled},
        },
        service::ServiceUrl,
    },
    locate::{Locator, LocatorConfig},
};

use crate::{
    bus::{Bus, Looked},
    exit_status::ExitStatus,
    judging::Judging,
    options::{Access, ConnectOptions, FormatOptions, KafkaOptions},
    output::Printer,
    register,
    stop::StopSignal,
    tables::{JudgedLandings, KafkaLandingTable, KafkaLandings},
};

/// Shows where the messages of topics land, and with a register whether they may.
#[derive(Debug, clap::Args)]
pub(super) struct Landing {
    #[command(flatten)]
    kafka: KafkaOptions,
    #[command(flatten)]
    connect: ConnectOptions,
    /// Folder with the YAML files of the register. Messages of the topics are read, and each landing is judged, under the agreement
    /// that the MessageBus names which names one of the brokers; its Connect clusters and its schema registry are asked as well.
    /// Without such a MessageBus each agreement is taken to be consented to, for all topics.
    #[arg(long, value_name = "DIR", env = "LANDFALL_REGISTER")]
    register: Option<PathBuf>,
    /// Folder with published cloud ranges (*.json of AWS, GCP, Azure) and ASN or country databases (*.mmdb), for --register.
    #[arg(long, value_name = "DIR", env = "LANDFALL_LOCATIONS", requires = "register")]
    locations: Option<PathBuf>,
    #[command(flatten)]
    format: FormatOptions,
}

impl Landing {
    /// As for an inventory, librdkafka may crash here: nothing is lost, and nothing is printed before everything is there.
    /// Messages are read by a process of their own.
    pub(crate) fn run(self) -> anyhow::Result<ExitStatus> {
        let Self { kafka, connect, register, locations, format } = self;
        let judging = register.map(|folder| Ok::<_, anyhow::Error>(Judging::for_register(&register::open(&folder)?)));
        let judging = judging.transpose()?;
        let bus = judging.as_ref().map(|judging| Bus::at(&kafka.bootstrap, judging.agent_configuration()));
        let access = kafka.access()?;
        let connect =
            connect.urls()?.into_iter().chain(bus.as_ref().map(Bus::connect).transpose()?.unwrap_or_default());
        let (inventory, graph) = look(&kafka, &access, connect.collect())?;
        let mut is_whole = true;
        let (mut judged, mut sampled) = (None, None);
        if let (Some(judging), Some(bus)) = (judging, &bus) {
            if bus.cluster_id().is_some_and(|expected| inventory.cluster_id.as_deref() != Some(expected)) {
                let (expected, found) = (bus.cluster_id(), inventory.cluster_id.as_deref());
                let [expected, found] = [expected, found].map(Option::unwrap_or_default);
                bail!("the MessageBus names cluster {expected}, and this is cluster {found}");
            }
            let judging = if bus.is_described { judging } else { judging.assuming_consent_of(bus.name().clone()) };
            let datasets = locations.as_deref().map(LocatorConfig::from_dir).transpose()?.unwrap_or_default();
            let locator = Locator::open(&datasets)?;
            let stop = StopSignal::listen()?;
            let Looked { observations, keys, is_partial } = bus.look(&access, locator, &graph, &stop, kafka.timeout)?;
            is_whole = !is_partial;
            let landings = JudgedLandings::new(&observations, &judging);
            sampled = Some(Sampled {
                personal: landings.topics_with_personal_data(),
                keys: keys.categories(),
                copied_abroad: landings.copied_abroad(&graph),
            });
            judged = Some(landings);
        }
        let findings = findings::findings(&inventory, &graph, sampled.as_ref());
        let mut printer = Printer::<KafkaLandingTable>::new(format.format());
        printer.print(&KafkaLandings { graph, judged, findings })?;
        let note = (!is_whole).then(|| {
            "not all messages were read: not in time (--timeout), or nobody answers for a partition".to_owned()
        });
        printer.finish_with_note(note)?;
        Ok(ExitStatus::from_check(is_whole))
    }
}

/// What the cluster is like, and where its messages land.
fn look(kafka: &KafkaOptions, access: &Access, connect: Vec<ServiceUrl>) -> anyhow::Result<(Inventory, LandingGraph)> {
    let clients: Vec<_> = access.connect(connect)?.iter().map(ConnectClient::new).collect::<Result<_, _>>()?;
    let options = InventoryOptions { timeout: kafka.timeout, with_committed: true };
    let inventory = inventory::collect(&access.connection, options)?;
    let answers: Vec<_> = clients.iter().map(ConnectClient::ask).collect();
    let graph = LandingGraph::new(&inventory, &kafka.bootstrap, &answers, Timestamp::now());
    Ok((inventory, graph))
}
