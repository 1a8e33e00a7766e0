mod cells;
mod located;
#[cfg(test)]
mod tests;

use landfall_agent::kafka::inventory::{
    AccessControlEntry, Broker, Configuration, Group, Inventory, Limit, Member, Part, Topic,
};

pub(crate) use self::located::{LocatedInventory, Locations};

use crate::{
    cells::or_dash,
    output::{Grid, Screen, Table},
};

/// What stands for a setting that could not be seen.
const UNKNOWN: &str = "unknown";

/// An inventory as tables: brokers, topics, groups, access control, and at the end what could not be seen.
#[derive(Default)]
pub(crate) struct KafkaInventoryTable(Option<LocatedInventory>);

impl Table for KafkaInventoryTable {
    type Row<'a> = LocatedInventory;

    fn push(&mut self, inventory: &LocatedInventory) {
        self.0 = Some(inventory.clone());
    }

    fn render(&self, screen: Screen) -> String {
        let Some(LocatedInventory { inventory, locations }) = &self.0 else { return String::new() };
        let Inventory { cluster_id, controller, brokers, topics, groups, access_control, limits } = inventory;
        let mut text = format!(
            "cluster {}: {} brokers, controller {}; {} topics; {} groups",
            or_dash(cluster_id.as_ref()),
            brokers.len(),
            or_dash(*controller),
            topics.len(),
            groups.len()
        );
        let sections = [
            brokers_grid(brokers, locations.as_ref(), screen),
            topics_grid(topics, screen),
            groups_grid(groups, locations.as_ref(), screen),
            access_control_text(access_control.as_deref(), brokers, limits, screen),
            limits_grid(limits, screen),
        ];
        for section in sections.into_iter().filter(|section| !section.is_empty()) {
            text.push_str("\n\n");
            text.push_str(&section);
        }
        text
    }
}

fn brokers_grid(brokers: &[Broker], locations: Option<&Locations>, screen: Screen) -> String {
    let headings = ["BROKER", "ADDRESS", "RACK", "AUTHORIZER", "REMOTE STORAGE"];
    let mut grid = Grid::new(screen, &with_places(headings, locations)).keep_whole(&[0, 1]);
    for Broker { id, host, port, rack, configuration } in brokers {
        let address = if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") };
        let cells = [
            id.to_string(),
            address,
            or_dash(rack.as_ref()),
            cells::authorizer(configuration.as_ref()),
            cells::remote_storage_of_broker(configuration.as_ref()),
        ];
        grid.push(cells.into_iter().chain(locations.into_iter().flat_map(|known| known.cells(host))));
    }
    grid.cut()
}

fn topics_grid(topics: &[Topic], screen: Screen) -> String {
    if topics.is_empty() {
        return String::new();
    }
    let headings = ["TOPIC", "PARTITIONS", "BROKERS", "KEPT FOR", "KEPT BYTES", "CLEANUP", "REMOTE STORAGE"];
    let mut grid = Grid::new(screen, &headings).align_right(&[1]).keep_whole(&[0]);
    for Topic { name, internal: _, partitions, replication, configuration } in topics {
        let setting = |show: fn(&Configuration) -> String| configuration.as_ref().map_or_else(|| UNKNOWN.into(), show);
        grid.push([
            name.clone(),
            partitions.to_string(),
            cells::replication(replication),
            setting(cells::kept_for),
            setting(cells::kept_bytes),
            setting(|settings| cells::or_unknown(settings.get("cleanup.policy"))),
            setting(cells::remote_storage),
        ]);
    }
    grid.cut()
}

/// Two more columns if hosts are located.
fn with_places<'h>(headings: impl IntoIterator<Item = &'h str>, locations: Option<&Locations>) -> Vec<&'h str> {
    headings.into_iter().chain(locations.into_iter().flat_map(|_| ["PLACE", "KNOWN FROM"])).collect()
}

fn groups_grid(groups: &[Group], locations: Option<&Locations>, screen: Screen) -> String {
    if groups.is_empty() {
        return String::new();
    }
    let headings = ["GROUP", "KIND", "STATE", "CLIENT", "HOST", "READS"];
    let mut grid = Grid::new(screen, &with_places(headings, locations)).keep_whole(&[0, 4]);
    for Group { name, kind, state, protocol: _, members, committed } in groups {
        let group = [name.clone(), cells::kind(*kind).to_owned(), or_dash(state.as_ref())];
        if members.is_empty() {
            // What it has committed, without anybody who reads now.
            let reads =
                if committed.is_empty() { "-".to_owned() } else { format!("none now; {}", cells::reads(committed)) };
            let places = locations.into_iter().flat_map(|_| ["-", "-"].map(str::to_owned));
            grid.push(group.iter().cloned().chain(["-".to_owned(), "-".to_owned(), reads]).chain(places));
        }
        for member in members {
            let Member { client_id, client_host, group_instance_id, rack: _, topics, connect_url } = member;
            let client = match group_instance_id {
                Some(instance) => format!("{client_id} ({instance})"),
                None => client_id.clone(),
            };
            let reads = connect_url.clone().unwrap_or_else(|| cells::reads(topics));
            let places = locations.into_iter().flat_map(|known| known.cells(client_host));
            grid.push(group.iter().cloned().chain([client, client_host.clone(), reads]).chain(places));
        }
    }
    grid.cut()
}

/// The lists; a sentence where there are none, since that can mean that everybody may do everything.
fn access_control_text(
    entries: Option<&[AccessControlEntry]>,
    brokers: &[Broker],
    limits: &[Limit],
    screen: Screen,
) -> String {
    let is_unclear = limits.iter().any(|limit| limit.part == Part::AccessControl);
    match entries {
        None => String::new(),
        Some([]) if cells::is_open(brokers) => "No authorizer: everybody who can connect may do everything.".to_owned(),
        Some([]) if is_unclear => String::new(),
        Some([]) => "No access control entry: the authorizer's default decides.".to_owned(),
        Some(entries) => {
            let headings = ["PRINCIPAL", "FROM", "PERMISSION", "OPERATION", "RESOURCE", "PATTERN"];
            let mut grid = Grid::new(screen, &headings).keep_whole(&[0, 4]);
            for entry in entries {
                let AccessControlEntry { principal, host, operation, permission, resource_type, resource, pattern } =
                    entry;
                let resource = format!("{resource_type} {resource}");
                grid.push([principal, host, permission, operation, &resource, pattern]);
            }
            grid.cut()
        }
    }
}

fn limits_grid(limits: &[Limit], screen: Screen) -> String {
    if limits.is_empty() {
        return String::new();
    }
    let mut grid = Grid::new(screen, &["NOT SEEN", "WHY", "NEEDS"]);
    for Limit { part, reason, count, names, needs } in limits {
        let names = match count {
            Some(count) if *count > names.len() => format!(": {}, …, {count} in all", names.join(", ")),
            Some(_) => format!(": {}", names.join(", ")),
            None => String::new(),
        };
        grid.push([cells::part(*part).to_owned(), format!("{reason}{names}"), or_dash(needs.as_ref())]);
    }
    grid.wrapped()
}
