// Builds dist/: the loader (widget.js), the app (app.js, app.css) and its page (frame.html).
// `node build.mjs` builds; `node build.mjs --size` builds nothing, prints the gzipped sizes and
// fails where one is over its limit; `node build.mjs --check` fails where dist/ is not what the
// sources build to.
import { build } from 'esbuild';
import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
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

// The English catalogue names the keys; the others go in as bare lists in its order.
const catalogues = {
  name: 'catalogues',
  setup(b) {
    b.onLoad({ filter: /i18n.(de|es|fr)\.json$/ }, async ({ path }) => {
      const keys = Object.keys(JSON.parse(await readFile(join(dirname(path), 'en.json'), 'utf8')));
      const held = JSON.parse(await readFile(path, 'utf8'));
      const missing = [...keys.filter((k) => !(k in held)), ...Object.keys(held).filter((k) => !keys.includes(k))];
      if (missing.length) return { errors: [{ text: `${path}: keys unlike those of en.json: ${missing.join(', ')}` }] };
      return { contents: JSON.stringify(keys.map((k) => held[k])), loader: 'json', watchFiles: [path] };
    });
  },
};

async function bundle(entry) {
  const out = await build({ ...base, plugins: [catalogues], entryPoints: [entry] });
  return Buffer.from(out.outputFiles[0].contents);
}

async function make() {
  const [loader, app, css, page] = await Promise.all([
    bundle('src/loader/loader.ts'),
    bundle('src/app/main.ts'),
    bundle('src/app/app.css'),
    readFile(join(here, 'src/app/frame.html'), 'utf8'),
  ]);
  // The hash in the address lets a server tell browsers to keep the files for ever.
  const hash = (data) => createHash('sha256').update(data).digest('hex').slice(0, 12);
  const html = page.replace('app.js', `app.js?v=${hash(app)}`).replace('app.css', `app.css?v=${hash(css)}`);
  return { 'widget.js': loader, 'app.js': app, 'app.css': css, 'frame.html': Buffer.from(html) };
}

const gz = async (name) => gzipSync(await readFile(join(dist, name)), { level: 9 }).length;

async function size() {
  const loader = await gz('widget.js');
  const js = await gz('app.js');
  const css = await gz('app.css');
  const line = (name, n, limit) => console.log(`${name.padEnd(32)} ${String(n).padStart(6)} of ${limit} bytes gzipped`);
  line('loader', loader, limits.loader);
  line('app (script, styles, catalogues)', js + css, limits.app);
  if (loader > limits.loader || js + css > limits.app) {
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
