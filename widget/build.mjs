// Builds dist/: the loader (widget.js), the app (app.js, app.css) and its page (frame.html).
// Catalogues of other languages than English are files of their own (words.de.json …), fetched when
// they are needed. `node build.mjs` builds; `node build.mjs --size` builds nothing, prints the gzipped sizes and
// fails where one is over its limit; `node build.mjs --check` fails where dist/ is not what the
// sources build to.
import { build } from 'esbuild';
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const dist = join(here, 'dist');
const limits = { loader: 4096, app: 25600 };

const base = {
  absWorkingDir: here,
  bundle: true,
  minify: true,
  charset: 'utf8',
  legalComments: 'none',
  format: 'iife',
  target: ['chrome100', 'firefox101', 'safari15.4'],
  write: false,
};

const catalogues = join(here, 'src/app/i18n');

/** The words of a language as a bare list, in the order of English's keys. */
async function words(language) {
  const read = async (l) => JSON.parse(await readFile(join(catalogues, `${l}.json`), 'utf8'));
  const [en, held] = [await read('en'), await read(language)];
  const keys = Object.keys(en);
  const odd = [...keys.filter((k) => !(k in held)), ...Object.keys(held).filter((k) => !keys.includes(k))];
  if (odd.length) throw new Error(`${language}.json: keys unlike those of en.json: ${odd.join(', ')}`);
  return Buffer.from(JSON.stringify(keys.map((k) => held[k])));
}

async function bundle(entry, define = {}) {
  const out = await build({ ...base, define, entryPoints: [entry] });
  return Buffer.from(out.outputFiles[0].contents);
}

// The hash in an address lets a server tell browsers to keep the file for ever.
const versed = (name, data) => `/widget/${name}?v=${createHash('sha256').update(data).digest('hex').slice(0, 12)}`;

async function make() {
  const languages = (await readdir(catalogues)).filter((f) => f.endsWith('.json') && f !== 'en.json').map((f) => f.slice(0, 2));
  const files = {};
  const addresses = {};
  for (const l of languages.sort()) {
    files[`words.${l}.json`] = await words(l);
    addresses[l] = versed(`words.${l}.json`, files[`words.${l}.json`]);
  }
  const [loader, app, css, page] = await Promise.all([
    bundle('src/loader/loader.ts'),
    bundle('src/app/main.ts', { CATALOGUES: JSON.stringify(addresses) }),
    bundle('src/app/app.css'),
    readFile(join(here, 'src/app/frame.html'), 'utf8'),
  ]);
  const html = page.replace('/widget/app.js', versed('app.js', app)).replace('/widget/app.css', versed('app.css', css));
  return { 'widget.js': loader, 'app.js': app, 'app.css': css, 'frame.html': Buffer.from(html), ...files };
}

const gz = async (name) => gzipSync(await readFile(join(dist, name)), { level: 9 }).length;

async function size() {
  const loader = await gz('widget.js');
  const js = await gz('app.js');
  const css = await gz('app.css');
  // What a page loads at most: English comes with the script, and one other language.
  const others = (await readdir(dist)).filter((f) => f.startsWith('words.'));
  const words = Math.max(...(await Promise.all(others.map(gz))));
  const line = (name, n, limit) => console.log(`${name.padEnd(36)} ${String(n).padStart(6)} of ${limit} bytes gzipped`);
  line('loader', loader, limits.loader);
  line('app (script, styles, one language)', js + css + words, limits.app);
  if (loader > limits.loader || js + css + words > limits.app) {
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
