import type { Disk } from "./disk.js";
import { filesBelow, isSourceName } from "./source-files.js";

/** A text beside the code that may say how the program is called or started. */
export interface Document {
  /** Absolute path with `/`. */
  readonly path: string;
  readonly text: string;
}

const NAME = /\.(md|mdx|sh|bash|zsh|http|rest|ya?ml|toml|tf)$|^(Makefile|justfile|Taskfile|Dockerfile.*|Procfile|Jenkinsfile|\.env.*|.*\.dockerfile)$|^(devcontainer|tasks|launch|wrangler|vercel|serverless)\.jsonc?$/i;
const GENERATED = /^(CHANGELOG|pnpm-lock|package-lock)/i;

/** Hidden folders that build, test, deploy or develop the program; others hold caches and tools. */
const HIDDEN = /^\.(github|gitlab|gitea|forgejo|circleci|buildkite|woodpecker|drone|azure(-pipelines)?|devcontainer|vscode|husky|docker|k8s|config|ci)$/;

/** Sources, and the documentation, scripts and deployment files beside them: whatever may name the server that the program talks to. */
export function findDocuments(roots: readonly string[], disk: Disk): Document[] {
  const isDocument = (name: string): boolean => isSourceName(name) || (NAME.test(name) && !GENERATED.test(name));
  const paths = new Set(roots.flatMap((root) => filesBelow(root, disk, isDocument, { hidden: (name) => HIDDEN.test(name) })));
  return [...paths].sort().flatMap((path) => {
    const text = disk.read(path)?.text;
    return text === undefined ? [] : [{ path, text }];
  });
}
