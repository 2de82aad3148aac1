#!/usr/bin/env node
const OLDEST = 20;

if (Number(process.versions.node.split(".")[0]) < OLDEST) {
  console.error(`restate-to-resonate needs Node ${OLDEST} or newer; this is Node ${process.versions.node}.`);
  process.exitCode = 2;
} else {
  // Loaded only now, and without a top-level await: an old Node must get as far as the message above.
  import("node:module")
    // The compiler is nine megabytes of source: from the second run on, Node 22 has it compiled.
    .then(({ enableCompileCache }) => enableCompileCache?.())
    .then(() => import("../dist/cli.js"))
    .then(({ main }) => main())
    .catch((error) => {
      console.error(error);
      process.exitCode = 3;
    });
}
