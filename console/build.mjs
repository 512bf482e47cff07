// Builds dist/: the app (app.js, app.css), its page (index.html) and its icon, and what is loaded
// where somebody goes to Knowledge: chunks named by their content, and knowledge.css.
// `node build.mjs` builds; `--size` builds nothing, prints the gzipped size of the first load and
// fails where it is over the limit; `--check` fails where dist/ is not what the sources build to.
import { build } from 'esbuild';
import { createHash } from 'node:crypto';
import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { basename, dirname, join } from 'node:path';
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
  target: ['chrome109', 'firefox115', 'safari16'],
  write: false,
};

// The hash in the address lets a server tell browsers to keep the files for ever.
const hash = (data) => createHash('sha256').update(data).digest('hex').slice(0, 12);

async function style(entry) {
  const out = await build({ ...base, entryPoints: [entry] });
  return Buffer.from(out.outputFiles[0].contents);
}

/** Every script by its name, and the names of those that the first page loads with the app. */
async function scripts(knowledgeStyle) {
  const out = await build({
    ...base,
    entryPoints: { app: 'src/main.tsx' },
    outdir: 'dist',
    format: 'esm',
    splitting: true,
    chunkNames: '[name]-[hash]',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    metafile: true,
    define: { KNOWLEDGE_STYLE: JSON.stringify(`/console/assets/knowledge.css?v=${hash(knowledgeStyle)}`) },
  });
  const files = Object.fromEntries(out.outputFiles.map((f) => [basename(f.path), Buffer.from(f.contents)]));
  const first = new Set();
  const follow = (path) => {
    for (const i of out.metafile.outputs[path].imports)
      if (i.kind === 'import-statement' && !first.has(i.path)) {
        first.add(i.path);
        follow(i.path);
      }
  };
  follow('dist/app.js');
  return { files, first: [...first].map((p) => basename(p)).sort() };
}

async function make() {
  const [app, knowledge, page, icon] = await Promise.all([
    style('src/styles/app.css'),
    style('src/styles/knowledge.css'),
    readFile(join(here, 'src/index.html'), 'utf8'),
    readFile(join(here, 'src/icon.svg')),
  ]);
  const { files, first } = await scripts(knowledge);
  const preload = first.map((name) => `    <link rel="modulepreload" href="/console/assets/${name}">\n`).join('');
  const html = page
    .replace('app.js', `app.js?v=${hash(files['app.js'])}`)
    .replace('app.css', `app.css?v=${hash(app)}`)
    .replace('icon.svg', `icon.svg?v=${hash(icon)}`)
    .replace('  </head>', `${preload}  </head>`);
  return { ...files, 'app.css': app, 'knowledge.css': knowledge, 'icon.svg': icon, 'index.html': Buffer.from(html) };
}

async function size() {
  let total = 0;
  const page = await readFile(join(dist, 'index.html'), 'utf8');
  const preloaded = [...page.matchAll(/modulepreload" href="\/console\/assets\/([^"]+)"/g)].map((m) => m[1]);
  const first = ['index.html', 'app.js', ...preloaded, 'app.css', 'icon.svg'];
  for (const name of [...first, ...(await readdir(dist)).filter((f) => !first.includes(f)).sort()]) {
    const n = gzipSync(await readFile(join(dist, name)), { level: 9 }).length;
    console.log(`${name.padEnd(24)} ${String(n).padStart(6)} bytes gzipped${first.includes(name) ? '' : ', later'}`);
    if (first.includes(name)) total += n;
  }
  console.log(`${'first load'.padEnd(24)} ${String(total).padStart(6)} of ${LIMIT} bytes gzipped`);
  if (total > LIMIT) {
    console.error('size: over the limit');
    process.exitCode = 1;
  }
}

async function check() {
  const made = await make();
  for (const name of new Set([...Object.keys(made), ...(await readdir(dist))])) {
    const held = await readFile(join(dist, name)).catch(() => Buffer.alloc(0));
    if (!made[name]?.equals(held)) {
      console.error(`dist/${name} is not what the sources build to: run npm run build`);
      process.exitCode = 1;
    }
  }
}

if (process.argv.includes('--size')) await size();
else if (process.argv.includes('--check')) await check();
else {
  const made = await make();
  await rm(dist, { recursive: true, force: true });
  await mkdir(dist);
  for (const [name, data] of Object.entries(made)) await writeFile(join(dist, name), data);
}
