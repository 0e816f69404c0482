//! Answers of other places, which a visitor waits for only a little.

use std::{sync::Arc, time::Duration};

use futures_util::{
    StreamExt,
    stream::{self, BoxStream},
};
use tokio::time::{Instant, sleep};

use super::{
    answers::show,
    lab::{Lab, failed, lab, ok},
};
use crate::lookup::{Elsewhere, LookupAnswer, SeenElsewhere};
use model::{
    failure_detail::FailureDetail,
    name::Region,
    outcome::{Failure, Outcome},
    target::Target,
    verdict::Status,
};

/// Places that answer after so many seconds.
#[derive(Debug)]
struct ElsewhereAnswers(Vec<(&'static str, u64, Outcome)>);

impl Elsewhere for ElsewhereAnswers {
    fn probe(
        &self,
        _: &Target,
        _: Duration,
        _: bool,
    ) -> (usize, BoxStream<'static, SeenElsewhere>) {
        let answers = self.0.clone().into_iter().map(|(name, after, outcome)| async move {
            sleep(Duration::from_secs(after)).await;
            SeenElsewhere { region: Region::new(name).unwrap(), outcome }
        });
        (self.0.len(), stream::iter(answers).buffer_unordered(16).boxed())
    }
}

/// Our own look takes a second, and all is well.
fn with(places: Vec<(&'static str, u64, Outcome)>) -> Lab {
    beside(ok(1_000), places)
}

/// Our own look takes a second, and sees this.
fn beside(own: Outcome, places: Vec<(&'static str, u64, Outcome)>) -> Lab {
    let lab = lab([Some(own)]);
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

#[tokio::test(start_paused = true)]
async fn a_target_is_down_where_most_places_see_it_so_and_else_it_is_told_from_where() {
    let refused = || failed(Failure::Connect);
    let nameless = || Outcome::failed(Failure::Dns, FailureDetail::NoSuchName);
    let (here, sydney, paris) = ("local", "sydney", "paris");
    for (own, syd, par, status, from, says) in [
        (ok(1), Some(ok(1)), Some(ok(1)), Status::Up, vec![], "is up."),
        (refused(), None, None, Status::Down, vec![here], "is down"),
        (refused(), Some(ok(1)), None, Status::Partial, vec![here], "is down from local"),
        (refused(), Some(ok(1)), Some(ok(1)), Status::Partial, vec![here], "is down from local"),
        (refused(), Some(refused()), Some(ok(1)), Status::Down, vec![here, sydney], "is down"),
        (ok(1), Some(refused()), None, Status::Partial, vec![sydney], "is down from sydney"),
        (ok(1), Some(refused()), Some(refused()), Status::Down, vec![paris, sydney], "is down"),
        (nameless(), Some(ok(1)), None, Status::Partial, vec![here], "is down from local"),
        (nameless(), Some(nameless()), None, Status::Unknown, vec![here, sydney], "no site"),
    ] {
        let places = [(sydney, syd), (paris, par)];
        let told: Vec<_> = places.into_iter().filter_map(|(at, o)| Some((at, 0, o?))).collect();
        let case = format!("{own:?} beside {told:?}");
        let answered = beside(own, told).answer("slack.com").await;
        let down = answered.places().down;
        let down: Vec<&str> = down.iter().map(Region::as_str).collect();
        assert_eq!((answered.verdict().unwrap().status, down), (status, from), "{case}");
        assert!(answered.summary().contains(says), "{}: {case}", answered.summary());
    }
}

#[tokio::test(start_paused = true)]
async fn where_our_own_look_says_nothing_the_other_places_decide() {
    for (elsewhere, status) in [(vec![], Status::Unknown), (vec![("sydney", 0, ok(1))], Status::Up)]
    {
        let lab = beside(failed(Failure::Timeout), elsewhere);
        show(&lab, Failure::Connect);
        let answered = lab.answer("slack.com").await;
        assert_eq!(answered.verdict().unwrap().status, status, "{}", answered.summary());
    }
}

#[tokio::test(start_paused = true)]
async fn one_of_three_places_makes_nothing_down_while_the_others_are_still_looking() {
    let places = vec![("sydney", 20, ok(1)), ("paris", 20, failed(Failure::Connect))];
    let lab = beside(failed(Failure::Connect), places);
    let first = lab.answer("slack.com").await;
    assert_eq!((first.verdict().unwrap().status, first.waiting), (Status::Partial, 2));
    sleep(Duration::from_secs(20)).await;
    let later = lab.answer("slack.com").await;
    assert_eq!((later.verdict().unwrap().status, later.waiting), (Status::Down, 0));
}
