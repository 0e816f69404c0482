//! The shapes, field by field as Statuspage sends them. What we do not have is `null`, never left
//! out: strict readers want every field.

use serde::Serialize;

use model::moment::Moment;

/// The status page itself.
#[derive(Clone, Debug, Serialize)]
pub(in crate::web) struct StatuspagePage {
    pub(in crate::web) id: String,
    pub(in crate::web) name: String,
    pub(in crate::web) url: String,
    pub(in crate::web) time_zone: &'static str,
    pub(in crate::web) updated_at: Moment,
}

/// Overall status, as a value and a sentence.
#[derive(Debug, Serialize)]
pub(in crate::web) struct StatuspageStatus {
    pub(in crate::web) indicator: &'static str,
    pub(in crate::web) description: String,
}

/// A site.
#[derive(Clone, Debug, Serialize)]
pub(in crate::web) struct Component {
    pub(in crate::web) id: String,
    pub(in crate::web) name: String,
    pub(in crate::web) status: &'static str,
    pub(in crate::web) created_at: Moment,
    pub(in crate::web) updated_at: Moment,
    pub(in crate::web) position: usize,
    pub(in crate::web) description: Option<String>,
    pub(in crate::web) showcase: bool,
    pub(in crate::web) start_date: Option<String>,
    pub(in crate::web) group_id: Option<String>,
    pub(in crate::web) page_id: String,
    pub(in crate::web) group: bool,
    pub(in crate::web) only_show_if_degraded: bool,
}

/// Planned work.
#[derive(Debug, Serialize)]
pub(in crate::web) struct StatuspageMaintenance {
    #[serde(flatten)]
    pub(in crate::web) incident: StatuspageIncident,
    pub(in crate::web) scheduled_for: Moment,
    pub(in crate::web) scheduled_until: Moment,
}

/// An outage or a notice.
#[derive(Debug, Serialize)]
pub(in crate::web) struct StatuspageIncident {
    pub(in crate::web) id: String,
    pub(in crate::web) name: String,
    pub(in crate::web) status: &'static str,
    pub(in crate::web) created_at: Moment,
    pub(in crate::web) updated_at: Moment,
    pub(in crate::web) monitoring_at: Option<Moment>,
    pub(in crate::web) resolved_at: Option<Moment>,
    pub(in crate::web) impact: &'static str,
    pub(in crate::web) shortlink: String,
    pub(in crate::web) started_at: Moment,
    pub(in crate::web) page_id: String,
    #[serde(rename = "incident_updates")]
    pub(in crate::web) updates: Vec<Update>,
    pub(in crate::web) components: Vec<Component>,
}

/// Its beginning or its end.
#[derive(Debug, Serialize)]
pub(in crate::web) struct Update {
    pub(in crate::web) id: String,
    pub(in crate::web) status: &'static str,
    pub(in crate::web) body: String,
    pub(in crate::web) incident_id: String,
    pub(in crate::web) created_at: Moment,
    pub(in crate::web) updated_at: Moment,
    pub(in crate::web) display_at: Moment,
    pub(in crate::web) affected_components: Option<Vec<Affected>>,
    pub(in crate::web) deliver_notifications: bool,
    pub(in crate::web) custom_tweet: Option<String>,
    pub(in crate::web) tweet_id: Option<String>,
}

/// A component in such an update.
#[derive(Debug, Serialize)]
pub(in crate::web) struct Affected {
    pub(in crate::web) code: String,
    pub(in crate::web) name: String,
    pub(in crate::web) old_status: &'static str,
    pub(in crate::web) new_status: &'static str,
}

/// `summary.json`
#[derive(Debug, Serialize)]
pub(in crate::web) struct Summary {
    pub(in crate::web) page: StatuspagePage,
    pub(in crate::web) components: Vec<Component>,
    pub(in crate::web) incidents: Vec<StatuspageIncident>,
    pub(in crate::web) scheduled_maintenances: Vec<StatuspageMaintenance>,
    pub(in crate::web) status: StatuspageStatus,
}

/// `status.json`
#[derive(Debug, Serialize)]
pub(in crate::web) struct StatusOnly {
    pub(in crate::web) page: StatuspagePage,
    pub(in crate::web) status: StatuspageStatus,
}

/// `components.json`
#[derive(Debug, Serialize)]
pub(in crate::web) struct Components {
    pub(in crate::web) page: StatuspagePage,
    pub(in crate::web) components: Vec<Component>,
}

/// `incidents.json`
#[derive(Debug, Serialize)]
pub(in crate::web) struct Incidents {
    pub(in crate::web) page: StatuspagePage,
    pub(in crate::web) incidents: Vec<StatuspageIncident>,
}

/// `scheduled-maintenances.json`
#[derive(Debug, Serialize)]
pub(in crate::web) struct Maintenances {
    pub(in crate::web) page: StatuspagePage,
    pub(in crate::web) scheduled_maintenances: Vec<StatuspageMaintenance>,
}
