//! Answers of other places, which a visitor waits for only a little.

use std::{sync::Arc, time::Duration};

use futures_util::{
    StreamExt,
    stream::{self, BoxStream},
};
use tokio::time::{Instant, sleep};

use super::lab::{Lab, failed, lab, ok};
use crate::lookup::{Elsewhere, LookupAnswer, SeenElsewhere};
use model::{
    name::Region,
    outcome::{Failure, Outcome},
    target::Target,
};

/// Places that answer after so many seconds.
#[derive(Debug)]
struct ElsewhereAnswers(Vec<(&'static str, u64, Outcome)>);

impl Elsewhere for ElsewhereAnswers {
    fn probe(&self, _: &Target, _: Duration, _: bool) -> BoxStream<'static, SeenElsewhere> {
        let answers = self.0.clone().into_iter().map(|(name, after, outcome)| async move {
            sleep(Duration::from_secs(after)).await;
            SeenElsewhere { region: Region::new(name).unwrap(), outcome }
        });
        stream::iter(answers).buffer_unordered(16).boxed()
    }
}

/// Our own look takes a second.
fn with(places: Vec<(&'static str, u64, Outcome)>) -> Lab {
    let lab = lab([Some(ok(1_000))]);
    lab.lookups.set_elsewhere(Arc::new(ElsewhereAnswers(places)));
    lab
}

fn regions(answered: &LookupAnswer) -> Vec<&str> {
    answered.elsewhere.iter().map(|seen| seen.region.as_str()).collect()
}

#[tokio::test(start_paused = true)]
async fn who_is_quick_is_in_the_answer_and_costs_no_time() {
    let lab = with(vec![("sydney", 0, ok(1)), ("paris", 1, failed(Failure::Reset))]);
    let begun = Instant::now();
    let answered = lab.answer("slack.com").await;
    assert_eq!(regions(&answered), ["paris", "sydney"]);
    assert!(begun.elapsed() < Duration::from_millis(1_500), "{:?}", begun.elapsed());
}

#[tokio::test(start_paused = true)]
async fn nobody_waits_for_the_slowest_place_whose_word_is_added_when_it_comes() {
    let lab = with(vec![("sydney", 6, ok(1)), ("paris", 0, ok(1))]);
    let begun = Instant::now();
    let answered = lab.answer("slack.com").await;
    assert_eq!(regions(&answered), ["paris"]);
    assert!(begun.elapsed() < Duration::from_millis(2_500), "{:?}", begun.elapsed());
    sleep(Duration::from_secs(6)).await;
    let later = lab.answer("slack.com").await;
    assert_eq!(regions(&later), ["paris", "sydney"]);
    assert_eq!((later.at, lab.looks()), (answered.at, 1));
}
