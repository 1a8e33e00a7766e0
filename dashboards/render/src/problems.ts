// What a person must know of who draws the boards: `draw.mjs` prints it and fails.

const problems: string[] = [];

export function problem(text: string) {
  problems.push(text);
}

export function listed(): string[] {
  return problems;
}
