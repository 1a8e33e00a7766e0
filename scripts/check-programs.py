#!/usr/bin/env python3
"""Refuses a call of a program that does not stand in scripts/programs.txt.

Looks at shell scripts and recipes (by their syntax tree, from shfmt) and at the text constants of Rust tests and
examples. A word counts as a program if this machine has one of that name: what a new machine may lack is missed only
where the machine that lints lacks it too, and there the call fails.
"""

import json
import re
import shutil
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

TABLE = Path("scripts/programs.txt")
# Names of programs that stand in text constants as something else: words of English, arguments, fields.
NO_CALLS = set(
    "as aws clear comm file fmt free groups install kubectl last link login more node open opt passwd patch pip route script service size ssh"
    " sum sync users w watch which who write yes zstd gzip".split()
)
WORD = re.compile(r"[A-Za-z][A-Za-z0-9.+_-]*")
RUST_TEXT = re.compile(r'r#"(.*?)"#|"((?:[^"\\]|\\.)*)"', re.DOTALL)


def main() -> int:
    programs = table()
    problems = []
    for word, places in sorted(words().items()):
        if word in programs or not shutil.which(word):
            continue
        problems.append(f"{', '.join(sorted(places)[:3])}: calls {word}, which stands in no row of {TABLE}")
    for problem in problems:
        print(f"check-programs: {problem}", file=sys.stderr)
    if problems:
        print("check-programs: add it there with its Debian package", file=sys.stderr)
    return 1 if problems else 0


def table() -> set[str]:
    """All programs of the table."""
    rows = [line.split() for line in TABLE.read_text().splitlines() if line and not line.startswith("#")]
    for row in rows:
        if len(row) < 3 or not set(row[0].split(",")) <= {"setup", "record", "draw", "given"}:
            sys.exit(
                f"check-programs: {TABLE}: expected `setup|record|draw|given PACKAGE PROGRAM…`, found: {' '.join(row)}"
            )
    return {program for row in rows for program in row[2:]}


def words() -> dict[str, set[str]]:
    """Words that may be calls, and the files in which they stand."""
    found = defaultdict(set)
    functions = set(subprocess.check_output(["bash", "-c", "compgen -bk"], text=True).split())
    for name in subprocess.check_output(["git", "ls-files"], text=True).split():
        path = Path(name)
        if name.endswith(".sh") or name == ".ci/run":
            trees = [tree(path.read_text(), name)]
        elif path.name == "Makefile":
            trees = [tree(recipe, name) for recipe in recipes(path.read_text())]
        elif name.endswith(".rs") and re.search(r"(^|/)(tests|examples)(/|\.rs)|kill_point", name):
            for word in rust_words(path.read_text()):
                if word not in NO_CALLS:
                    found[word].add(name)
            continue
        else:
            continue
        for parsed in trees:
            for word in shell_words(parsed, functions):
                found[word].add(name)
    return {word: places for word, places in found.items() if word not in functions}


def tree(text: str, name: str) -> dict:
    parsed = subprocess.run(["shfmt", "--to-json"], input=text, capture_output=True, text=True)
    if parsed.returncode:
        sys.exit(f"check-programs: {name}: {parsed.stderr.strip()}")
    return json.loads(parsed.stdout)


def recipes(makefile: str) -> Iterator[str]:
    """The lines of recipes as the shell gets them, with a word for each variable of make."""
    for line in makefile.replace("\\\n", " ").splitlines():
        if line.startswith("\t"):
            line = line[1:].lstrip("@-")
            while (replaced := re.sub(r"(?<!\$)\$\([^()]*\)", "VARIABLE", line)) != line:
                line = replaced
            yield line.replace("$$", "$")


def shell_words(node: object, functions: set[str]) -> Iterator[str]:
    """Words of commands: the program, and what stands behind it, for some programs call others."""
    if isinstance(node, list):
        for item in node:
            yield from shell_words(item, functions)
    elif isinstance(node, dict):
        if node.get("Type") == "FuncDecl":
            functions.add(node["Name"]["Value"])
        if node.get("Type") == "CallExpr":
            literals = [literal(word) for word in node.get("Args", [])]
            for index, word in enumerate(literals):
                if WORD.fullmatch(word) and (index == 0 or word not in NO_CALLS):
                    yield word
        for value in node.values():
            yield from shell_words(value, functions)


def literal(word: dict) -> str:
    parts = word.get("Parts", [])
    return parts[0].get("Value", "") if len(parts) == 1 and parts[0]["Type"] in ("Lit", "SglQuoted") else ""


def rust_words(source: str) -> Iterator[str]:
    """Constants of one word, and the words of those that can be scripts."""
    # A quotation mark as a character opens no text.
    for raw, quoted in RUST_TEXT.findall(source.replace("'\"'", "")):
        text = raw or quoted
        if WORD.fullmatch(text):
            yield text
        elif any(sign in text for sign in "\n;$"):
            yield from WORD.findall(text)


if __name__ == "__main__":
    sys.exit(main())
