//! A Rust file taken apart as far as the rules need: code, string literals, and which lines are tests.

/// One file.
pub struct Source {
    /// Path from the root, with `/`.
    pub path: String,
    /// The text with comments and the insides of literals blanked; lines and columns stay where they were.
    pub code: Vec<String>,
    /// String literals: the line they begin in, and what they hold.
    pub strings: Vec<(usize, String)>,
    /// For each line, whether it belongs to a test.
    is_test: Vec<bool>,
}

impl Source {
    /// Takes a file apart.
    pub fn parse(path: &str, text: &str) -> Source {
        let mut lexer =
            Lexer { rest: text.chars().collect(), at: 0, code: String::new(), strings: Vec::new() };
        lexer.run();
        let code: Vec<String> = lexer.code.lines().map(str::to_owned).collect();
        let is_test = match is_test_path(path) {
            true => vec![true; code.len()],
            false => test_modules(&code),
        };
        Source { path: path.to_owned(), code, strings: lexer.strings, is_test }
    }

    /// The lines of code that are no tests, numbered from 1.
    pub fn program(&self) -> impl Iterator<Item = (usize, &str)> {
        self.code
            .iter()
            .enumerate()
            .filter(|(at, _)| !self.is_test[*at])
            .map(|(at, line)| (at + 1, line.as_str()))
    }

    /// The string literals outside tests, with their lines.
    pub fn program_strings(&self) -> impl Iterator<Item = (usize, &str)> {
        self.strings
            .iter()
            .filter(|(line, _)| !self.is_test.get(line - 1).copied().unwrap_or(false))
            .map(|(line, text)| (*line, text.as_str()))
    }
}

/// Tests, benchmarks and examples by their place.
fn is_test_path(path: &str) -> bool {
    path.ends_with("/tests.rs")
        || path.split('/').any(|folder| matches!(folder, "tests" | "benches" | "examples" | "fuzz_targets"))
}

/// Marks the lines of each item under `#[cfg(test)]`.
fn test_modules(code: &[String]) -> Vec<bool> {
    let mut marks = vec![false; code.len()];
    let mut at = 0;
    while at < code.len() {
        if code[at].trim().starts_with("#[cfg(test)]") {
            let end = end_of_item(code, at);
            marks[at..=end].fill(true);
            at = end;
        }
        at += 1;
    }
    marks
}

/// The line in which the item that begins at `from` ends: its closing brace, or a `;` before any brace opens.
pub fn end_of_item(code: &[String], from: usize) -> usize {
    let mut depth = 0_usize;
    let mut brackets = 0_usize;
    for (at, line) in code.iter().enumerate().skip(from) {
        for symbol in line.chars() {
            match symbol {
                '(' | '[' => brackets += 1,
                ')' | ']' => brackets = brackets.saturating_sub(1),
                '{' => depth += 1,
                '}' => {
                    depth = depth.saturating_sub(1);
                    if depth == 0 && brackets == 0 {
                        return at;
                    }
                }
                ';' if depth == 0 && brackets == 0 => return at,
                _ => {}
            }
        }
    }
    code.len().saturating_sub(1)
}

/// Just enough of Rust's lexing to know code from comments and literals.
struct Lexer {
    rest: Vec<char>,
    at: usize,
    code: String,
    strings: Vec<(usize, String)>,
}

impl Lexer {
    fn run(&mut self) {
        while let Some(symbol) = self.peek(0) {
            match (symbol, self.peek(1)) {
                ('/', Some('/')) => self.blank_while(|lexer| lexer.peek(0) != Some('\n')),
                ('/', Some('*')) => self.block_comment(),
                ('"', _) => self.string(),
                ('r', Some('"' | '#')) if !self.follows_a_word() => self.raw_string(),
                ('\'', _) => self.quote(),
                _ => self.keep(),
            }
        }
    }

    fn peek(&self, ahead: usize) -> Option<char> {
        self.rest.get(self.at + ahead).copied()
    }

    fn keep(&mut self) {
        if let Some(symbol) = self.peek(0) {
            self.code.push(symbol);
            self.at += 1;
        }
    }

    fn blank(&mut self) {
        if let Some(symbol) = self.peek(0) {
            self.code.push(if symbol == '\n' { '\n' } else { ' ' });
            self.at += 1;
        }
    }

    fn blank_while(&mut self, more: impl Fn(&Lexer) -> bool) {
        while self.peek(0).is_some() && more(self) {
            self.blank();
        }
    }

    /// Whether the `r` at hand is the end of a name (`br"` and `cr"` are literals too).
    fn follows_a_word(&self) -> bool {
        let before = |back: usize| self.at.checked_sub(back).map(|at| self.rest[at]);
        let is_word =
            |symbol: Option<char>| symbol.is_some_and(|symbol| symbol.is_alphanumeric() || symbol == '_');
        match before(1) {
            Some('b' | 'c') => is_word(before(2)),
            symbol => is_word(symbol),
        }
    }

    fn block_comment(&mut self) {
        let mut depth = 0_usize;
        while self.peek(0).is_some() {
            let length = match (self.peek(0), self.peek(1)) {
                (Some('/'), Some('*')) => {
                    depth += 1;
                    2
                }
                (Some('*'), Some('/')) => {
                    depth -= 1;
                    2
                }
                _ => 1,
            };
            (0..length).for_each(|_| self.blank());
            if depth == 0 {
                return;
            }
        }
    }

    fn line(&self) -> usize {
        1 + self.code.matches('\n').count()
    }

    fn string(&mut self) {
        let line = self.line();
        let mut text = String::new();
        self.keep();
        while let Some(symbol) = self.peek(0) {
            match symbol {
                '"' => break,
                '\\' => {
                    text.extend(self.peek(1).map(|escaped| if escaped == 'n' { ' ' } else { escaped }));
                    self.blank();
                }
                _ => text.push(symbol),
            }
            self.blank();
        }
        self.keep();
        self.strings.push((line, text));
    }

    fn raw_string(&mut self) {
        let hashes = (1..).take_while(|ahead| self.peek(*ahead) == Some('#')).count();
        if self.peek(1 + hashes) != Some('"') {
            // A raw name such as r#type.
            return self.keep();
        }
        let line = self.line();
        (0..hashes + 2).for_each(|_| self.keep());
        let mut text = String::new();
        let ends = |lexer: &Lexer| {
            lexer.peek(0) == Some('"') && (1..=hashes).all(|ahead| lexer.peek(ahead) == Some('#'))
        };
        while self.peek(0).is_some() && !ends(self) {
            text.extend(self.peek(0));
            self.blank();
        }
        (0..=hashes).for_each(|_| self.keep());
        self.strings.push((line, text));
    }

    /// A character literal, or the tick of a lifetime.
    fn quote(&mut self) {
        let is_literal = self.peek(1) == Some('\\') || self.peek(2) == Some('\'');
        self.keep();
        if !is_literal {
            return;
        }
        if self.peek(0) == Some('\\') {
            self.blank();
        }
        self.blank();
        self.blank_while(|lexer| lexer.peek(0) != Some('\''));
        self.keep();
    }
}
