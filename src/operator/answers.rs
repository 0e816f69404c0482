//! Answers to requests that change something and have a key: the same request again gets the same answer,
//! after a restart too.
//!
//! A line of `answers.jsonl` says that a request is begun, before anything is changed; a later one says
//! its answer, or that it changed nothing. One that was begun and has no answer was cut off.

use std::{
    io::Write,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
    time::Duration,
};

use hashlink::LruCache;
use serde::{Deserialize, Serialize};

use super::files::{open, options, read_text};
use crate::atomic_file::{self, OWNER_ONLY};
use model::moment::Moment;

/// Answers that are remembered, and for how long.
const MAX_ANSWERS: usize = 1_024;
const REMEMBERED: Duration = Duration::from_hours(24);
/// Bytes of the file; then it is written anew without what is not remembered any more.
const MAX_BYTES: usize = 8 << 20;

/// An answer to a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptAnswer {
    /// The HTTP status.
    pub status: u16,
    /// Headers by their names.
    pub headers: Vec<(String, String)>,
    /// The text.
    pub body: String,
}

/// State of a request with a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RequestState {
    /// It was not known. It is to be carried out now, and known as begun.
    New,
    /// Another request came with this key.
    Another,
    /// It is being carried out.
    UnderWay,
    /// It was begun and has no answer: it is not known if it changed something.
    CutOff,
    /// It was carried out.
    Answered(KeptAnswer),
}

/// A key with the id of the token that it belongs to.
pub type KeyOfToken = (Box<str>, Box<str>);

/// A line of the file.
#[derive(Serialize, Deserialize)]
struct AnswerLine {
    token: Box<str>,
    key: Box<str>,
    /// Hash of the request, in hexadecimal digits.
    request: Box<str>,
    at: Moment,
    step: Step,
}

/// A step of a request.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Step {
    Begun,
    /// Nothing was changed, and the key is free.
    Freed,
    Answered(KeptAnswer),
}

/// A request as far as it is known.
#[derive(Clone, Debug)]
struct Known {
    request: Box<str>,
    at: Moment,
    step: Step,
    /// True if this process carries it out.
    is_ours: bool,
}

/// The requests with keys, in memory and in their file.
#[derive(Debug)]
pub struct KeptAnswers {
    path: PathBuf,
    /// `None` until the first request with a key: commands beside a service must not touch its file.
    state: Mutex<Option<KnownAnswers>>,
}

#[derive(Debug)]
struct KnownAnswers {
    known: LruCache<KeyOfToken, Known>,
    bytes: usize,
}

impl KeptAnswers {
    pub(super) fn new(dir: &Path) -> Self {
        Self { path: dir.join("answers.jsonl"), state: Mutex::default() }
    }

    /// State of a request, by its key and its hash; one that is new is noted as begun.
    ///
    /// # Errors
    /// Fails when it cannot be noted; it must not be carried out then.
    pub fn begin(
        &self,
        key: &KeyOfToken,
        request: u128,
        now: Moment,
    ) -> std::io::Result<RequestState> {
        self.with(now, |state| {
            let request: Box<str> = format!("{request:032x}").into();
            if let Some(known) =
                state.known.get(key).filter(|known| now.since(known.at) < REMEMBERED)
            {
                return Ok(match &known.step {
                    _ if known.request != request => RequestState::Another,
                    Step::Answered(answer) => RequestState::Answered(answer.clone()),
                    _ if known.is_ours => RequestState::UnderWay,
                    _ => RequestState::CutOff,
                });
            }
            let known = Known { request, at: now, step: Step::Begun, is_ours: true };
            self.append(state, key, &known)?;
            state.known.insert(key.clone(), known);
            Ok(RequestState::New)
        })
    }

    /// Keeps the answer to a request that was begun; without one it changed nothing, and may come again.
    pub fn end(&self, key: &KeyOfToken, now: Moment, answer: Option<KeptAnswer>) {
        let kept = self.with(now, |state| {
            let Some(mut known) = state.known.remove(key) else { return Ok(()) };
            known.step = answer.map_or(Step::Freed, Step::Answered);
            let noted = self.append(state, key, &known);
            if matches!(known.step, Step::Answered(_)) {
                state.known.insert(key.clone(), known);
            }
            noted
        });
        if let Err(error) = kept {
            tracing::error!(%error, file = %self.path.display(), "an answer cannot be kept over a restart");
        }
    }

    fn with<R>(
        &self,
        now: Moment,
        act: impl FnOnce(&mut KnownAnswers) -> std::io::Result<R>,
    ) -> std::io::Result<R> {
        // A poisoned lock guards answers that are whole: going on is better.
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let state = match state.as_mut() {
            Some(state) => state,
            None => state.insert(self.load(now)?),
        };
        act(state)
    }

    /// The requests of the file that are remembered, which is written anew with them alone.
    fn load(&self, now: Moment) -> std::io::Result<KnownAnswers> {
        let mut known = LruCache::new(MAX_ANSWERS);
        // A line that was cut off by a power cut is no line.
        let text = read_text(&self.path)?;
        for line in text.lines().filter_map(|line| serde_json::from_str::<AnswerLine>(line).ok()) {
            let key = (line.token, line.key);
            if matches!(line.step, Step::Freed) || now.since(line.at) >= REMEMBERED {
                known.remove(&key);
            } else {
                let AnswerLine { request, at, step, .. } = line;
                known.insert(key, Known { request, at, step, is_ours: false });
            }
        }
        let mut state = KnownAnswers { known, bytes: 0 };
        self.rewrite(&mut state, now)?;
        Ok(state)
    }

    fn rewrite(&self, state: &mut KnownAnswers, now: Moment) -> std::io::Result<()> {
        let known = state.known.iter().filter(|(_, known)| now.since(known.at) < REMEMBERED);
        let lines = known.map(|(key, known)| line(key, known));
        let lines = lines.collect::<std::io::Result<Vec<_>>>()?;
        // The oldest give way, so that there is room for more.
        let (mut first, mut bytes) = (lines.len(), 0);
        while first > 0 && bytes + lines[first - 1].len() <= MAX_BYTES / 2 {
            first -= 1;
            bytes += lines[first].len();
        }
        let text = lines[first..].concat();
        state.bytes = text.len();
        if text.is_empty() && !self.path.exists() {
            return Ok(());
        }
        atomic_file::write(&self.path, &text, OWNER_ONLY)
    }

    fn append(
        &self,
        state: &mut KnownAnswers,
        key: &KeyOfToken,
        known: &Known,
    ) -> std::io::Result<()> {
        if state.bytes > MAX_BYTES {
            self.rewrite(state, known.at)?;
        }
        let text = line(key, known)?;
        let mut file = open(&self.path, options().append(true))?;
        file.write_all(&text)?;
        // What follows changes something that is kept over a power cut.
        file.sync_data()?;
        state.bytes += text.len();
        Ok(())
    }
}

fn line((token, key): &KeyOfToken, known: &Known) -> std::io::Result<Vec<u8>> {
    let Known { request, at, step, .. } = known.clone();
    let line = AnswerLine { token: token.clone(), key: key.clone(), request, at, step };
    let mut text = serde_json::to_vec(&line)?;
    text.push(b'\n');
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Moment {
        Moment::parse("2026-11-30T12:00:00Z").unwrap()
    }

    fn key(text: &str) -> KeyOfToken {
        ("1234abcd".into(), text.into())
    }

    fn answer(body: &str) -> KeptAnswer {
        let headers = vec![("location".to_owned(), "/api/v1/planned/p-1".to_owned())];
        KeptAnswer { status: 201, headers, body: body.to_owned() }
    }

    #[test]
    fn an_answer_outlives_the_process_and_a_request_without_one_was_cut_off() {
        let dir = tempfile::tempdir().unwrap();
        let answers = KeptAnswers::new(dir.path());
        for text in ["done", "cut", "freed"] {
            assert_eq!(answers.begin(&key(text), 1, now()).unwrap(), RequestState::New);
            assert_eq!(answers.begin(&key(text), 1, now()).unwrap(), RequestState::UnderWay);
        }
        answers.end(&key("done"), now(), Some(answer("{}")));
        answers.end(&key("freed"), now(), None);
        let later = now() + Duration::from_hours(23);
        for _ in 0..2 {
            let again = KeptAnswers::new(dir.path());
            let state = |text: &str, request| again.begin(&key(text), request, later).unwrap();
            assert_eq!(state("done", 1), RequestState::Answered(answer("{}")));
            assert_eq!(state("done", 2), RequestState::Another);
            assert_eq!(state("cut", 1), RequestState::CutOff);
        }
        let again = KeptAnswers::new(dir.path());
        assert_eq!(again.begin(&key("freed"), 1, later).unwrap(), RequestState::New);
        let tomorrow = KeptAnswers::new(dir.path());
        let at = now() + REMEMBERED;
        assert_eq!(tomorrow.begin(&key("done"), 2, at).unwrap(), RequestState::New, "after a day");
    }

    #[test]
    fn the_file_keeps_what_is_remembered_alone_and_a_line_cut_off_in_it_hinders_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("answers.jsonl");
        let answers = KeptAnswers::new(dir.path());
        let long = "x".repeat(MAX_BYTES / 4);
        for number in 0..12 {
            let key = key(&number.to_string());
            // Each is forgotten a day later, when the next one comes.
            let at = now() + REMEMBERED * number;
            assert_eq!(answers.begin(&key, 1, at).unwrap(), RequestState::New);
            answers.end(&key, at, Some(answer(&long)));
        }
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.len() < 2 * MAX_BYTES, "{}", text.len());
        std::fs::write(&path, [&text, "{\"token\":\"12"].concat()).unwrap();
        let again = KeptAnswers::new(dir.path());
        let state = again.begin(&key("11"), 1, now() + REMEMBERED * 11).unwrap();
        assert_eq!(state, RequestState::Answered(answer(&long)));
    }

    #[test]
    fn without_a_folder_nothing_is_begun() {
        let answers = KeptAnswers::new(Path::new("/proc/none"));
        assert!(answers.begin(&key("a"), 1, now()).is_err());
    }
}
