#!/usr/bin/env node
// Starts the program for this platform, which npm installed beside this package.
"use strict";

const { spawn } = require("node:child_process");
const { constants } = require("node:os");
const { name, version, optionalDependencies } = require("./package.json");

const COULD_NOT = 3;

function program() {
  const platform = `${process.platform}-${process.arch}`;
  const wanted = `${name}-${platform}`;
  const file = process.platform === "win32" ? "snipara-orchestrator.exe" : "snipara-orchestrator";
  try {
    return require.resolve(`${wanted}/bin/${file}`);
  } catch {
    const platforms = Object.keys(optionalDependencies).map((it) => it.slice(name.length + 1));
    console.error(
      wanted in optionalDependencies
        ? `${wanted} is not installed, which holds the program: npm install --include=optional ${name}@${version}`
        : `${name} ${version} has no program for ${platform}; there are: ${platforms.join(", ")}`,
    );
    process.exit(COULD_NOT);
  }
}

const child = spawn(program(), process.argv.slice(2), { stdio: "inherit" });
child.on("error", (error) => {
  console.error(`cannot start ${child.spawnfile}: ${error.message}`);
  process.exit(COULD_NOT);
});
// A terminal sends its signals to both: the child decides, and this process ends as it did.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
  process.on(signal, () => child.kill(signal));
}
child.on("exit", (code, signal) => {
  process.exit(code ?? 128 + constants.signals[signal]);
});
