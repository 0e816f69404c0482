//! Agents and their tokens.

use model::{
    moment::Moment,
    name::{AgentName, Region},
};
use stillup::{
    store::{AgentSeen, AgentToken, TokenAdded},
    token::{Token, TokenKind},
};

use crate::support::{NOON, at, store};

fn token(added_at: Moment) -> (Token, AgentToken) {
    let token = Token::generate(TokenKind::Agent).unwrap();
    let kept = AgentToken { id: token.id().into(), sha256: token.sha256(), added_at };
    (token, kept)
}

#[tokio::test]
async fn an_agent_has_two_tokens_at_most_and_one_region_and_nothing_of_it_is_left() {
    let (store, _database) = store().await;
    let (name, region) = (AgentName::new("syd-1").unwrap(), Region::new("sydney").unwrap());
    let now = at(NOON);
    let later = now + std::time::Duration::from_secs(1);
    let ((_, first), (_, second), (_, third)) = (token(now), token(later), token(later));
    let add = async |token| store.add_agent_token(&name, &region, token).await.unwrap();
    assert_eq!(add(&first).await, TokenAdded::Added(1));
    assert_eq!(add(&second).await, TokenAdded::Added(2));
    assert_eq!(add(&third).await, TokenAdded::Full(vec![first.clone(), second.clone()]));
    let elsewhere = Region::new("paris").unwrap();
    let refused = store.add_agent_token(&name, &elsewhere, &third).await.unwrap();
    assert_eq!(refused, TokenAdded::OtherRegion(region.clone()));

    let seen = AgentSeen {
        at: later,
        version: "0.1.0".into(),
        clock_offset_ms: -12,
        why_not: Some("its clock is wrong".into()),
    };
    let other = AgentName::new("nobody").unwrap();
    store.note_agents(&[(name.clone(), seen.clone()), (other, seen.clone())]).await.unwrap();
    assert!(store.remove_agent_token(&name, &first.id).await.unwrap());
    assert!(!store.remove_agent_token(&name, &first.id).await.unwrap());
    let agents = store.agents().await.unwrap();
    assert_eq!(agents.len(), 1);
    assert_eq!((&agents[0].name, &agents[0].region, agents[0].added_at), (&name, &region, now));
    assert_eq!((&agents[0].tokens, &agents[0].seen), (&vec![second], &Some(seen)));
    assert_eq!(agents[0].clock_correction_ms, 0);
    store.keep_clock_corrections(&[(name.clone(), -3_000)]).await.unwrap();
    assert_eq!(store.agents().await.unwrap()[0].clock_correction_ms, -3_000);

    assert!(store.remove_agent(&name).await.unwrap());
    assert!(!store.remove_agent(&name).await.unwrap());
    assert_eq!(store.agents().await.unwrap(), []);
}
