const SPECIFIER = /\b(?:from|import|require)\b\s*(?:\(\s*)?(?:\/\*[^]*?\*\/\s*)?(["'`])([^"'`\r\n]+)\1/g;

/**
 * Gives the module specifiers that a text may import: by `import` and `export ... from`, `import x = require()`,
 * `require()` and `import()`. A look at the text, not a parse: it may name too many, for example from a comment.
 */
export function scanImports(text: string): string[] {
  const specifiers: string[] = [];
  for (const match of text.matchAll(SPECIFIER)) {
    if (match[2] !== undefined) specifiers.push(match[2]);
  }
  return specifiers;
}
