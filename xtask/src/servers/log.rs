//! What a server says on its standard error.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader};
use std::process::Child;
use std::sync::mpsc::{Receiver, channel};

/// Lines that are told when something does not work.
const LAST_WORDS: usize = 30;

/// Read to its end by a thread of its own: a server that nobody listens to would stop at a full pipe.
pub struct Log {
    lines: Receiver<String>,
    last: VecDeque<String>,
}

impl Log {
    /// The log of a child whose standard error is a pipe.
    pub fn of(child: &mut Child) -> Log {
        let (sender, lines) = channel();
        let output = child.stderr.take().expect("standard error was asked to be a pipe");
        std::thread::spawn(move || {
            for line in BufReader::new(output).split(b'\n').map_while(Result::ok) {
                // Once nobody waits for lines any more they are still read away.
                let _ = sender.send(String::from_utf8_lossy(&line).into_owned());
            }
        });
        Log { lines, last: VecDeque::new() }
    }

    /// Waits for a line with these words; false when the log ends without.
    pub fn says(&mut self, words: &str) -> bool {
        while let Ok(line) = self.lines.recv() {
            let is_it = line.contains(words);
            self.last.push_back(line);
            if self.last.len() > LAST_WORDS {
                self.last.pop_front();
            }
            if is_it {
                return true;
            }
        }
        false
    }

    /// How it ended.
    pub fn last_words(mut self) -> String {
        self.last.extend(self.lines.iter());
        let from = self.last.len().saturating_sub(LAST_WORDS);
        self.last.range(from..).cloned().collect::<Vec<_>>().join("\n")
    }
}
