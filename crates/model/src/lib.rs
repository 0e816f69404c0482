//! Pure rules on checks, verdicts and everything made of them. No waiting, no input or output, no
//! clock, no SQL, no HTTP; everything here is tested by tables of cases and by properties.

pub mod address;
pub mod check;
pub mod domain;
pub mod failure_detail;
pub mod histogram;
pub mod history;
pub mod judge;
pub mod suggest;
pub mod moment;
pub mod name;
pub mod site_lookup;
pub mod network;
pub mod note;
pub mod monthly;
pub mod notice;
pub mod notification;
pub mod outcome;
pub mod permission;
pub mod planned;
pub mod provider;
pub mod report;
pub mod restriction;
pub mod rollup;
pub mod scope;
pub mod site;
pub mod site_request;
pub mod target;
pub mod schedule;
pub mod uptime;
pub mod validity;
pub mod verdict;
