import { startHost } from "../../../src/runtime/http-host.js";
import { Journal } from "../../../src/runtime/journal.js";
import { DurableServer } from "../../../src/runtime/server.js";

/** The host as a process of its own, without the command line around it: it starts faster. */
const [journal = "", port = "0"] = process.argv.slice(2);
const server = new DurableServer({ journal: Journal.open(journal) });
void startHost(server, { port: Number(port) }).then(({ url }) => process.stdout.write(`ready ${url}\n`));
