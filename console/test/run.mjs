// Runs the tests: unit tests are bundled first, browser tests drive CHROMIUM (/usr/bin/chromium).
// Arguments are parts of file names: `npm test -- composer` runs the files named so.
import { build } from 'esbuild';
import { spawn } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const wanted = process.argv.slice(2);
const chosen = (name) => wanted.length === 0 || wanted.some((w) => name.includes(w));
const list = async (dir, ext) => (await readdir(join(here, dir))).filter((f) => f.endsWith(ext) && chosen(f)).map((f) => join(here, dir, f));

const out = await mkdtemp(join(here, '..', 'node_modules', '.console-tests-'));
let code = 1;
try {
  const units = await list('unit', '.test.ts');
  await build({
    entryPoints: units,
    outdir: out,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    outExtension: { '.js': '.mjs' },
  });
  const files = [...(units.length ? (await readdir(out)).map((f) => join(out, f)) : []), ...(await list('browser', '.test.mjs'))];
  // With no file named, node would look for tests by itself, everywhere.
  if (!files.length) throw new Error(`no test is called ${wanted.join(' or ')}`);
  const child = spawn(process.execPath, ['--test', '--test-concurrency=2', '--test-reporter=spec', ...files], { stdio: 'inherit' });
  code = await new Promise((done) => child.on('close', done));
} finally {
  await rm(out, { recursive: true, force: true });
}
process.exitCode = code ?? 1;
