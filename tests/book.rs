//! The project's pages (`*.md`) as tests read them: headings, links, and the commands that a reader types.
//!
//! Commands are the lines of code blocks, and the spans of code in the text, that begin with `kubectl`, `landfall` or
//! `helm`. Words in capitals are placeholders ([`Command::filled`]); docs/testing.md says what tests put there.

mod shell;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
    path::{Path, PathBuf},
};

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

pub use shell::{Ended, Shell};

/// The root of the checkout.
const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
/// What a command begins with.
const PROGRAMS: [&str; 3] = ["kubectl", "landfall", "helm"];
/// Words in capitals that are no placeholders.
const WORDS: [&str; 5] = ["BR-FIRST", "BR-FULL", "EOF", "LANDFALL_INTERFACE", "LANDFALL_SEAL"];

/// A page.
#[derive(Debug)]
pub struct Page {
    /// Its path below the root of the checkout.
    pub file: PathBuf,
    /// How its headings are referred to.
    pub anchors: BTreeSet<String>,
    /// The links in it.
    pub links: Vec<Link>,
    /// What a reader types, in order.
    pub commands: Vec<Command>,
}

/// A link.
#[derive(Debug, PartialEq, Eq)]
pub struct Link {
    /// Line of the page, from 1.
    pub line: usize,
    /// Where it leads, as it is written.
    pub target: String,
}

/// A command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// Line of the page, from 1.
    pub line: usize,
    /// As it is written, without the comment behind it.
    pub text: String,
}

impl Page {
    /// Reads a page, by its path below the root of the checkout.
    pub fn read(file: &Path) -> io::Result<Self> {
        Ok(Self::parse(file, &fs::read_to_string(Path::new(ROOT).join(file))?))
    }

    /// All pages of a folder and those below it, in order; folders of other projects' files and builds are left out.
    pub fn all(folder: &str) -> io::Result<Vec<Self>> {
        let mut files = Vec::new();
        find(&Path::new(ROOT).join(folder), &mut files)?;
        files.sort();
        let root = fs::canonicalize(ROOT)?;
        files.iter().map(|file| Self::read(fs::canonicalize(file)?.strip_prefix(&root).unwrap_or(file))).collect()
    }

    /// A page of this text.
    pub fn parse(file: &Path, text: &str) -> Self {
        let mut page = Self { file: file.to_owned(), anchors: BTreeSet::new(), links: vec![], commands: vec![] };
        let line_at = |offset: usize| text[..offset].matches('\n').count() + 1;
        let (mut heading, mut block) = (None::<String>, None::<(usize, String)>);
        for (event, range) in Parser::new_ext(text, Options::ENABLE_TABLES).into_offset_iter() {
            match event {
                Event::Start(Tag::Heading { .. }) => heading = Some(String::new()),
                Event::End(TagEnd::Heading(_)) => {
                    let anchor = slug(&heading.take().unwrap_or_default());
                    // A heading that comes again is numbered.
                    let numbered = (1..).map(|number| format!("{anchor}-{number}"));
                    let free = std::iter::once(anchor.clone()).chain(numbered).find(|it| !page.anchors.contains(it));
                    page.anchors.extend(free);
                }
                Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                    page.links.push(Link { line: line_at(range.start), target: dest_url.into_string() });
                }
                Event::Start(Tag::CodeBlock(kind)) => {
                    // The fence is a line of its own.
                    let fence = usize::from(matches!(kind, CodeBlockKind::Fenced(_)));
                    block = Some((line_at(range.start) + fence, String::new()));
                }
                Event::End(TagEnd::CodeBlock) => {
                    if let Some((line, code)) = block.take() {
                        page.commands.extend(commands(line, &code));
                    }
                }
                Event::Code(code) => {
                    if let Some(heading) = &mut heading {
                        heading.push_str(&code);
                    } else if is_command(&code) {
                        page.commands.push(Command { line: line_at(range.start), text: code.into_string() });
                    }
                }
                Event::Text(text) => match (&mut heading, &mut block) {
                    (Some(heading), _) => heading.push_str(&text),
                    (_, Some((_, code))) => code.push_str(&text),
                    _ => {}
                },
                _ => {}
            }
        }
        page
    }
}

impl Command {
    /// The command with values in place of its placeholders: words of two capitals or more, which `-` and `_` may join.
    /// An error names one that has no value.
    pub fn filled(&self, values: &BTreeMap<&str, String>) -> Result<String, String> {
        let (mut filled, mut rest, mut before) = (String::new(), self.text.as_str(), None);
        while let Some(first) = rest.chars().next() {
            let word = placeholder(rest).filter(|_| !before.is_some_and(is_part_of_word));
            let (taken, put) = match word {
                Some(word) if !WORDS.contains(&word) => {
                    (word.len(), values.get(word).map(String::as_str).ok_or_else(|| word.to_owned())?)
                }
                Some(word) => (word.len(), word),
                None => (first.len_utf8(), &rest[..first.len_utf8()]),
            };
            filled.push_str(put);
            before = rest[..taken].chars().next_back();
            rest = &rest[taken..];
        }
        Ok(filled)
    }
}

/// Whether a command asks a pod, or a kubelet for one: it runs where there are nodes.
pub fn needs_pods(command: &Command) -> bool {
    ["kubectl debug ", " logs ", " exec "].iter().any(|part| command.text.contains(part))
}

/// Whether a command reads a Kafka cluster.
pub fn needs_bus(command: &Command) -> bool {
    command.text.starts_with("landfall kafka ")
}

/// The placeholder that a text begins with.
fn placeholder(text: &str) -> Option<&str> {
    let is_joint = |letter: char| letter == '-' || letter == '_';
    let end = text.find(|letter: char| !letter.is_ascii_uppercase() && !is_joint(letter)).unwrap_or(text.len());
    let word = text[..end].trim_end_matches(is_joint);
    let two = word.chars().take(2).filter(char::is_ascii_uppercase).count() == 2;
    let ends = !text[word.len()..].chars().next().is_some_and(|next| next.is_ascii_alphanumeric() || next == '_');
    (two && ends).then_some(word)
}

fn is_part_of_word(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || letter == '_'
}

/// The commands of a block that begins at this line. Where lines begin with a prompt, the others are what is printed.
fn commands(first: usize, code: &str) -> Vec<Command> {
    let has_prompts = code.lines().any(|line| line.starts_with("$ "));
    let mut lines = code.lines().zip(first..).peekable();
    let mut found = Vec::new();
    while let Some((line, number)) = lines.next() {
        let begin = if has_prompts { line.strip_prefix("$ ") } else { Some(line) };
        let Some(begin) = begin.filter(|begin| is_command(begin)) else { continue };
        let mut text = without_comment(begin).to_owned();
        while let Some(open) = text.strip_suffix('\\') {
            let Some((more, _)) = lines.next() else { break };
            text = format!("{}{}", open, without_comment(more.trim_start()));
        }
        // What a command reads from the lines below it.
        if text.contains("<<") {
            for (more, _) in lines.by_ref() {
                text = format!("{text}\n{more}");
                if more == "EOF" {
                    break;
                }
            }
        }
        found.push(Command { line: number, text });
    }
    found
}

fn is_command(text: &str) -> bool {
    text.split_once(' ').is_some_and(|(program, _)| PROGRAMS.contains(&program))
}

fn without_comment(line: &str) -> &str {
    line.split_once(" # ").map_or(line, |(command, _)| command).trim_end()
}

/// How GitHub refers to a heading.
fn slug(heading: &str) -> String {
    let letters = heading.trim().chars().flat_map(char::to_lowercase);
    letters
        .filter_map(|letter| match letter {
            ' ' => Some('-'),
            '-' | '_' => Some(letter),
            _ => letter.is_alphanumeric().then_some(letter),
        })
        .collect()
}

fn find(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if path.is_dir() && !name.starts_with('.') && !["target", "node_modules"].contains(&name.as_ref()) {
            find(&path, files)?;
        } else if name.ends_with(".md") {
            files.push(path);
        }
    }
    Ok(())
}
