//! The shapes, field by field as Statuspage sends them. What we do not have is `null`, never left
//! out: strict readers want every field.

use serde::Serialize;

use crate::model::moment::Moment;

/// Who speaks.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Page {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) url: String,
    pub(super) time_zone: &'static str,
    pub(super) updated_at: Moment,
}

/// All in one word and one sentence.
#[derive(Debug, Serialize)]
pub(super) struct Status {
    pub(super) indicator: &'static str,
    pub(super) description: &'static str,
}

/// A site.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Component {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) status: &'static str,
    pub(super) created_at: Moment,
    pub(super) updated_at: Moment,
    pub(super) position: usize,
    pub(super) description: Option<String>,
    pub(super) showcase: bool,
    pub(super) start_date: Option<String>,
    pub(super) group_id: Option<String>,
    pub(super) page_id: String,
    pub(super) group: bool,
    pub(super) only_show_if_degraded: bool,
}

/// An outage.
#[derive(Debug, Serialize)]
pub(super) struct Incident {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) status: &'static str,
    pub(super) created_at: Moment,
    pub(super) updated_at: Moment,
    pub(super) monitoring_at: Option<Moment>,
    pub(super) resolved_at: Option<Moment>,
    pub(super) impact: &'static str,
    pub(super) shortlink: String,
    pub(super) started_at: Moment,
    pub(super) page_id: String,
    #[serde(rename = "incident_updates")]
    pub(super) updates: Vec<Update>,
    pub(super) components: Vec<Component>,
}

/// Its beginning or its end.
#[derive(Debug, Serialize)]
pub(super) struct Update {
    pub(super) id: String,
    pub(super) status: &'static str,
    pub(super) body: String,
    pub(super) incident_id: String,
    pub(super) created_at: Moment,
    pub(super) updated_at: Moment,
    pub(super) display_at: Moment,
    pub(super) affected_components: Option<Vec<Affected>>,
    pub(super) deliver_notifications: bool,
    pub(super) custom_tweet: Option<String>,
    pub(super) tweet_id: Option<String>,
}

/// A component at such a turn.
#[derive(Debug, Serialize)]
pub(super) struct Affected {
    pub(super) code: String,
    pub(super) name: String,
    pub(super) old_status: &'static str,
    pub(super) new_status: &'static str,
}

/// `summary.json`
#[derive(Debug, Serialize)]
pub(super) struct Summary {
    pub(super) page: Page,
    pub(super) components: Vec<Component>,
    pub(super) incidents: Vec<Incident>,
    pub(super) scheduled_maintenances: [(); 0],
    pub(super) status: Status,
}

/// `status.json`
#[derive(Debug, Serialize)]
pub(super) struct StatusOnly {
    pub(super) page: Page,
    pub(super) status: Status,
}

/// `components.json`
#[derive(Debug, Serialize)]
pub(super) struct Components {
    pub(super) page: Page,
    pub(super) components: Vec<Component>,
}

/// `incidents.json`
#[derive(Debug, Serialize)]
pub(super) struct Incidents {
    pub(super) page: Page,
    pub(super) incidents: Vec<Incident>,
}

/// `scheduled-maintenances.json`: a machine plans none.
#[derive(Debug, Serialize)]
pub(super) struct Maintenances {
    pub(super) page: Page,
    pub(super) scheduled_maintenances: [(); 0],
}
