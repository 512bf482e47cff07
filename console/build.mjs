// Builds dist/: the app (app.js, app.css), its page (index.html) and its icon.
// `node build.mjs` builds; `--size` builds nothing, prints the gzipped size of the first load and
// fails where it is over the limit; `--check` fails where dist/ is not what the sources build to.
import { build } from 'esbuild';
import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const dist = join(here, 'dist');
const LIMIT = 150 * 1024;

const base = {
  absWorkingDir: here,
  bundle: true,
  minify: true,
  charset: 'utf8',
  legalComments: 'none',
  format: 'iife',
  target: ['chrome109', 'firefox115', 'safari16'],
  jsx: 'automatic',
  jsxImportSource: 'preact',
  write: false,
};

async function bundle(entry) {
  const out = await build({ ...base, entryPoints: [entry] });
  return Buffer.from(out.outputFiles[0].contents);
}

async function make() {
  const [app, css, page, icon] = await Promise.all([
    bundle('src/main.tsx'),
    bundle('src/styles/app.css'),
    readFile(join(here, 'src/index.html'), 'utf8'),
    readFile(join(here, 'src/icon.svg')),
  ]);
  // The hash in the address lets a server tell browsers to keep the files for ever.
  const hash = (data) => createHash('sha256').update(data).digest('hex').slice(0, 12);
  const html = page.replace('app.js', `app.js?v=${hash(app)}`).replace('app.css', `app.css?v=${hash(css)}`).replace('icon.svg', `icon.svg?v=${hash(icon)}`);
  return { 'app.js': app, 'app.css': css, 'icon.svg': icon, 'index.html': Buffer.from(html) };
}

async function size() {
  let total = 0;
  for (const name of ['index.html', 'app.js', 'app.css', 'icon.svg']) {
    const n = gzipSync(await readFile(join(dist, name)), { level: 9 }).length;
    console.log(`${name.padEnd(12)} ${String(n).padStart(6)} bytes gzipped`);
    total += n;
  }
  console.log(`${'first load'.padEnd(12)} ${String(total).padStart(6)} of ${LIMIT} bytes gzipped`);
  if (total > LIMIT) {
    console.error('size: over the limit');
    process.exitCode = 1;
  }
}

async function check() {
  for (const [name, data] of Object.entries(await make())) {
    const held = await readFile(join(dist, name)).catch(() => Buffer.alloc(0));
    if (!held.equals(data)) {
      console.error(`dist/${name} is not what the sources build to: run npm run build`);
      process.exitCode = 1;
    }
  }
}

if (process.argv.includes('--size')) await size();
else if (process.argv.includes('--check')) await check();
else {
  await mkdir(dist, { recursive: true });
  for (const [name, data] of Object.entries(await make())) await writeFile(join(dist, name), data);
}
