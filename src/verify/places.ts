import { readFileSync } from "node:fs";
import { SourceMap, type SourceMapPayload } from "node:module";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { Bundle } from "./bundle.js";

/** A place in a source file: absolute path, line and column counted from 1. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

const FRAME = /(?:\(|at )(file:\/\/[^()\s]+?)(?:\?[^():\s]*)?:(\d+):(\d+)\)?$/;

/** Finds the places of a program's code in its sources. */
export class Places {
  private readonly map: SourceMap;
  private readonly folder: string;

  constructor(private readonly bundle: Bundle) {
    this.map = new SourceMap(JSON.parse(readFileSync(`${bundle.file}.map`, "utf8")) as SourceMapPayload);
    this.folder = dirname(bundle.file);
  }

  /** The innermost place in the project's own code that an error's stack goes through; undefined where there is none. */
  of(error: Error | undefined): Place | undefined {
    for (const line of error?.stack?.split("\n") ?? []) {
      const [, url, row, column] = FRAME.exec(line.trim()) ?? [];
      if (url !== this.bundle.url) continue;
      const entry = this.map.findEntry(Number(row) - 1, Number(column) - 1);
      if (!("originalSource" in entry)) continue;
      const file = this.fileOf(entry.originalSource);
      if (this.bundle.graph.has(file)) return { file, line: entry.originalLine + 1, column: entry.originalColumn + 1 };
    }
    return undefined;
  }

  private fileOf(source: string): string {
    return source.startsWith("file:") ? fileURLToPath(source) : resolve(this.folder, source);
  }
}
