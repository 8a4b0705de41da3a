#!/usr/bin/env node
/**
 * Stands in for a VS Code executable: takes the arguments that @vscode/test-electron gives one, runs
 * the suite inside the extension host of the bed's workbench and exits with its code. Exit 0 of the
 * workbench alone is no proof (an extension host killed by a signal is reported as 0), so the suite
 * must have left its report in TEST_REPORT.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { format, parseArgs } from 'node:util';
import { openPage } from './browser.mjs';
import { startWorkbench, workbenchUrl } from './workbench.mjs';

const noReport = 98;
const broken = 99;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  strict: false, // test-electron passes Electron's switches too
  options: {
    extensionDevelopmentPath: { type: 'string' },
    extensionTestsPath: { type: 'string' },
    timeoutMs: { type: 'string', default: '600000' },
    verbose: { type: 'boolean' },
  },
});

/**
 * What the workbench says offline about parts of itself that no test looks at, and of an editor that
 * is closed right after its ghost text was accepted.
 */
const noise =
  /^(%c|Creating a socket|Resolv(ed|ing) connection token|\[(reconnection|AgentHost|ChatModelSelection|AccountPolicy|Service Worker|RemoteAgentHost|DefaultAccount|chat-stt|CHAT\]|LM\])|Updating additional builtin|Download the|Failed to load resource|The web worker ext|An iframe which|Model is disposed!|Creation of workbench contribution|Ignoring fetching additional builtin|No search provider registered|\[remote-connection\]|(Error: )?(Could not locate the bindings|Timed out waiting for authentication|Cannot find module '.*watchdog|getaddrinfo ENOTFOUND))/;

/** Resolves to the exit code that the suite's `run()` comes down to. */
function runSuite(page, server, url) {
  return new Promise((resolve, reject) => {
    const since = server.output().length;
    const stopWatching = () => {
      clearTimeout(timeout);
      clearInterval(crashWatch);
    };
    const fail = (why) => {
      stopWatching();
      reject(new Error(`${why}; the server said:\n${server.output().slice(-3000)}`));
    };
    const timeout = setTimeout(
      () => fail(`no result after ${values.timeoutMs} ms`),
      Number(values.timeoutMs),
    );
    const crashWatch = setInterval(() => {
      const death = /Extension Host Process exited with code: \S+, signal: \S+?\./;
      const found = death.exec(server.output().slice(since));
      // The normal end looks the same; give the workbench the time to report it.
      if (found) setTimeout(() => fail(found[0]), 5000);
      if (found) clearInterval(crashWatch);
    }, 250);
    page.on('crash', () => fail('the page crashed'));
    const open = async () => {
      await page.exposeFunction('codeAutomationLog', (_type, args) => {
        const line = format(...args);
        if (values.verbose || !noise.test(line)) console.log(line);
      });
      await page.exposeFunction('codeAutomationExit', (code) => {
        stopWatching();
        resolve(code);
      });
      const response = await page.goto(url);
      if (!response?.ok()) fail(`the workbench page answered HTTP ${response?.status()}`);
    };
    open().catch((error) => fail(String(error)));
  });
}

const scratch = mkdtempSync(path.join(os.tmpdir(), 'lacuna-report-'));
const report = process.env['TEST_REPORT'] ?? path.join(scratch, 'report.json');
rmSync(report, { force: true });

let server;
let opened;
const close = async () => {
  await opened?.browser.close().catch(() => {});
  await server?.stop();
  rmSync(scratch, { recursive: true, force: true });
};
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => void close().then(() => process.exit(130)));
}
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {}); // closed pipe

let code = broken;
try {
  server = await startWorkbench({ env: { TEST_REPORT: report } });
  opened = await openPage();
  const url = workbenchUrl(server, {
    folder: positionals[0],
    extension: values.extensionDevelopmentPath,
    tests: values.extensionTestsPath,
  });
  code = await runSuite(opened.page, server, url);
  const rows = existsSync(report) ? JSON.parse(readFileSync(report, 'utf8')) : [];
  if (code === 0 && (rows.length === 0 || rows.some(({ state }) => state === 'failed'))) {
    console.error('The workbench reported success, but the report of the suite does not');
    code = noReport;
  }
} catch (error) {
  console.error(error);
} finally {
  await close();
}
process.exit(code);
