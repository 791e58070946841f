//! The plugin's task beside a delivery: which of them takes the next step is left to chance, by a seed.

use rollbook_core::chance::Chance;
use rollbook_moodle::Error;
use rollbook_moodle::testing::{Client, PluginTask};
use tokio::sync::mpsc;

/// Who takes the next step.
pub struct Schedule {
    chance: Chance,
    rolls: u64,
    /// The plugin takes fewer steps than this between two of ours.
    pace: f64,
    go: mpsc::UnboundedSender<()>,
    went: mpsc::UnboundedReceiver<Result<bool, Error>>,
    owner: Client,
    /// The server's numbers of the plugin's connection and of ours.
    plugin: i64,
    ours: i64,
    is_under_way: bool,
    has_ended: bool,
    /// How the plugin's run failed, if it did.
    pub failure: Option<Error>,
}

impl Schedule {
    pub async fn new(seed: u64, mut task: PluginTask, ours: i64, owner: Client) -> Schedule {
        let plugin = task.number().await;
        let (go, mut going) = mpsc::unbounded_channel();
        let (reply, went) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            while going.recv().await.is_some() {
                let outcome = task.step().await;
                let is_last = outcome != Ok(true);
                if reply.send(outcome).is_err() || is_last {
                    return;
                }
            }
        });
        let chance = Chance::from_seed(seed);
        let (is_under_way, has_ended) = (false, false);
        let pace = 1.2 + 1.8 * chance.roll("pace", 0);
        let mut schedule = Schedule {
            chance,
            rolls: 0,
            pace,
            go,
            went,
            owner,
            plugin,
            ours,
            is_under_way,
            has_ended,
            failure: None,
        };
        // It may have begun before us.
        let head_start = 12.0 * schedule.chance.roll("head start", 0).powi(2);
        for _ in 0..schedule.below(head_start) {
            schedule.step().await;
        }
        schedule
    }

    /// Lets the plugin take some steps.
    pub async fn between_turns(&mut self) {
        for _ in 0..self.below(self.pace) {
            self.step().await;
        }
    }

    /// Lets it take a step if we wait for a lock of its.
    pub async fn while_we_wait(&mut self) {
        if self.owner.is_waiting(self.ours).await {
            self.step().await;
        }
        tokio::task::yield_now().await;
    }

    /// Lets it run to its end, when we are no longer there.
    pub async fn finish(&mut self) {
        while !self.has_ended {
            self.step().await;
        }
    }

    /// One step: done when the plugin has taken it, or waits for a lock.
    async fn step(&mut self) {
        if self.has_ended {
            return;
        }
        if !self.is_under_way {
            self.go.send(()).expect("the task listens until it has ended");
            self.is_under_way = true;
        }
        loop {
            if let Ok(outcome) = self.went.try_recv() {
                self.is_under_way = false;
                self.has_ended = outcome != Ok(true);
                self.failure = outcome.err();
                return;
            }
            if self.owner.is_waiting(self.plugin).await {
                return;
            }
            tokio::task::yield_now().await;
        }
    }

    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    fn below(&mut self, limit: f64) -> u64 {
        self.rolls += 1;
        (self.chance.roll("steps", self.rolls) * limit) as u64
    }
}
