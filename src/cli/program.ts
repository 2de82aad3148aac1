import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { UsageError } from "../errors.js";
import { check, type CheckFlags } from "./check.js";
import { dev, type DevFlags } from "./dev.js";
import { explain } from "./explain.js";
import type { Io } from "./io.js";
import { migrate, type MigrateFlags } from "./migrate.js";
import type { Tools } from "./tools.js";
import { verify, type VerifyFlags } from "./verify.js";

/** What the exit codes mean. */
export const EXIT = { done: 0, needsPerson: 1, usage: 2, bug: 3 } as const;

const EXAMPLES = `
Examples:
  $ restate-to-resonate .                         show what would change; writes nothing
  $ restate-to-resonate . --write                 apply it, to all files or to none
  $ restate-to-resonate packages/orders src/a.ts  only these
  $ restate-to-resonate . --json > plan.json      the plan for other tools
  $ restate-to-resonate explain R0219             what a code means, and the way out

Exit codes: 0 done; 1 finished, and something needs a person; 2 bad usage or input; 3 the tool failed.
`;

/**
 * Runs a command line (without `node` and the script) and gives its exit code: 0 done and clean; 1 finished, and
 * something needs a person; 2 bad usage or input; 3 the tool itself failed. Prints through `io` only, and never throws.
 */
export async function run(argv: readonly string[], io: Io, tools: Tools): Promise<number> {
  let code: number = EXIT.done;
  const program = programOf(io, tools, (ended) => {
    code = ended;
  });
  try {
    await program.parseAsync(argv, { from: "user" });
    return code;
  } catch (error) {
    return failed(error, io, tools);
  }
}

function programOf(io: Io, tools: Tools, onEnd: (code: number) => void): Command {
  const program = new Command("restate-to-resonate")
    .description("Moves a TypeScript or JavaScript codebase from Restate to Resonate, and says so wherever behaviour would change.")
    .version(tools.version)
    .configureOutput({ writeOut: io.out, writeErr: io.err, getOutHasColors: () => io.colour })
    .showHelpAfterError("(--help shows the options and examples)")
    .exitOverride();
  const command = migrateCommand(tools).action((paths: string[], flags: MigrateFlags) => {
    onEnd(migrate(paths, flags, io, tools));
  });
  command.copyInheritedSettings(program);
  program.addCommand(command, { isDefault: true });
  program.addCommand(
    checkCommand()
      .action((paths: string[], flags: CheckFlags) => onEnd(check(paths, flags, io, tools)))
      .copyInheritedSettings(program),
  );
  program.addCommand(
    devCommand()
      .action(async (flags: DevFlags) => onEnd(await dev(flags, io)))
      .copyInheritedSettings(program),
  );
  program.addCommand(
    verifyCommand()
      .action(async (paths: string[], flags: VerifyFlags) => onEnd(await verify(paths, flags, io)))
      .copyInheritedSettings(program),
  );
  program.addCommand(
    new Command("explain")
      .description("tell what a code of a diagnostic means, and the way out")
      .argument("<code>", "such as R0218")
      .action((code: string) => onEnd(explain(code, io)))
      .copyInheritedSettings(program),
  );
  // The default command needs no name, so its options have to stand in the program's own help.
  program.usage("[migrate] <path...> [options]").addHelpText("after", () => `${optionsHelp(command)}${EXAMPLES}`);
  return program;
}

function migrateCommand({ transforms }: Tools): Command {
  return new Command("migrate")
    .description("plan the migration of files and folders, and print its diff; the default command")
    .argument("<path...>", "files or folders")
    .option("--write", "apply the changes, all or nothing; refuses where git has uncommitted changes")
    .option("--force", "write in spite of uncommitted changes")
    .option("--json", "print the manifest, and nothing else, to the standard output")
    .addOption(
      new Option("--names <style>", "register handlers as `handler`, or all as `Service.handler`")
        .choices(["short", "qualified"])
        .default("short"),
    )
    .addOption(
      new Option("--state <store>", "where objects keep their state: in memory, and in Postgres with DATABASE_URL; or in a store that you write")
        .choices(["memory+postgres", "external"])
        .default("memory+postgres"),
    )
    .addOption(
      new Option("--only <transform,...>", `apply only these, to look at one concept: ${transforms.join(", ")}`).argParser((list: string) =>
        transformNames(list, transforms),
      ),
    )
    .addOption(new Option("--quiet", "print only what needs you").conflicts("verbose"))
    .option("--verbose", "print every place and every note")
    .addHelpText("after", EXAMPLES);
}

function checkCommand(): Command {
  return new Command("check")
    .description("tell what of Restate is left, and what in code for Resonate is unsafe; for CI")
    .argument("<path...>", "files or folders")
    .addOption(new Option("--format <format>", "print findings so").choices(["text", "json", "sarif", "github"]).default("text"))
    .option("--config <file>", "take the severities of rules from this file; restate-to-resonate.config.json at or above the paths unless given")
    .option("--baseline <file>", "let pass what this file lists")
    .option("--update-baseline", "write what is found into that file, and let it pass");
}

function devCommand(): Command {
  return new Command("dev")
    .description("run a durable Resonate server for development on this machine; prints the RESONATE_URL for your programs")
    .option("--journal <file>", "keep promises and tasks in this file, so that they outlive the server")
    .option("--fsync", "write each answer's changes through to the disk, to survive a power cut")
    .addOption(new Option("--port <number>", "listen on this port; a free one unless given").argParser(portNumber));
}

function verifyCommand(): Command {
  return new Command("verify")
    .description("run migrated functions, lose a worker at every durable step, and compare; see *.scenario.ts in the README")
    .argument("<path...>", "programs with their scenarios (*.scenario.ts) below, or scenarios")
    .option("--entry <module...>", "load these modules, unless a scenario names some; found by looking unless given")
    .option("--manifest <file>", "load the entries that this manifest of migrate --json names")
    .addOption(new Option("--limit <number>", "try at most so many crash points for each scenario, taken by chance (400)").argParser(countOf))
    .option("--seed <text>", "repeat the sample of a run that printed this seed")
    .addOption(new Option("--max-requests <number>", "take what makes more requests in one run for endless").default(3_000).argParser(countOf))
    .option("--against-restate", "play the scenarios with the original on a real Restate server too, and compare; needs @restatedev/restate-server")
    .option("--before <folder or commit>", "where the original is, with --against-restate: a folder, or a commit, branch or tag of git")
    .option("--json", "print the report, and nothing else, to the standard output")
    .option("--quiet", "print only problems and the summary");
}

function countOf(text: string): number {
  const count = Number(text);
  if (!/^\d+$/.test(text) || count < 1) throw new InvalidArgumentError("That is a number from 1.");
  return count;
}

function portNumber(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_535) throw new InvalidArgumentError("A port is a number from 0 to 65535.");
  return port;
}

function transformNames(list: string, known: readonly string[]): string[] {
  const names = list.split(",").map((name) => name.trim()).filter((name) => name !== "");
  const unknown = names.filter((name) => !known.includes(name));
  if (names.length === 0) throw new InvalidArgumentError("Name at least one transform.");
  if (unknown.length > 0) throw new InvalidArgumentError(`There is no ${unknown.join(", ")}; there are ${known.join(", ")}.`);
  return names;
}

function optionsHelp(command: Command): string {
  const helper = command.createHelp();
  const width = helper.padWidth(command, helper);
  const lines = helper
    .visibleOptions(command)
    .filter((option) => option.long !== "--help")
    .map((option) => helper.formatItem(helper.optionTerm(option), width, helper.optionDescription(option), helper));
  return ["", "Options of migrate:", ...lines, ""].join("\n");
}

function failed(error: unknown, io: Io, tools: Tools): number {
  if (error instanceof CommanderError) {
    // Commander has printed what there is to say; it throws for --help and --version as well.
    return error.exitCode === 0 ? EXIT.done : EXIT.usage;
  }
  if (error instanceof UsageError) {
    io.err(`error: ${error.message}\n`);
    return EXIT.usage;
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  io.err(
    `${text}\n\nThis is a bug in restate-to-resonate ${tools.version} (Node ${process.versions.node}, ${process.platform}), not in your code.\n` +
      `Please report it with the text above and, where you may share it, the code it is about: ${tools.bugs}\n`,
  );
  return EXIT.bug;
}
