// Helps scripts/demo-real: picks questions, evenly over a file, and says of an answer
// whether it cites an article that the file names.
import { readFileSync } from 'node:fs';

const rows = (file) => readFileSync(file, 'utf8').split('\n').filter(Boolean).map((l) => JSON.parse(l));

if (process.argv[2] === '--judge') {
  const [wanted, corpus] = process.argv.slice(3);
  const titles = new Set(rows(corpus).filter((r) => wanted.split(' ').includes(r.id)).map((r) => r.title.trim()));
  const a = JSON.parse(readFileSync(0, 'utf8'));
  const cited = a.citations.map((c) => c.title);
  const right = cited.some((t) => titles.has(t.trim()));
  console.log(a.text);
  for (const c of a.citations) console.log(`   [${c.n}] ${c.title}`);
  const verdict = a.outcome !== 'answered' ? 'not answered' : right ? 'the expected article' : `another article than ${[...titles].join(' | ')}`;
  console.log(`   ${a.outcome}${a.reason ? ` (${a.reason})` : ''}, confidence ${a.confidence.toFixed(2)}, ${a.total_ms} ms: ${verdict}`);
} else {
  const [file, count] = process.argv.slice(2);
  const all = rows(file).filter((r) => r.relevant?.length);
  const step = Math.max(1, Math.floor(all.length / Number(count)));
  for (let i = 0; i < all.length && i / step < Number(count); i += step) {
    const { query, history = [], relevant } = all[i];
    const said = history.map((h) => `${/agent|assistant|bot|system/.test(h.role) ? '--replied' : '--before'}=${h.text.replace(/\s+/g, ' ')}`);
    process.stdout.write(`${said.join('\n')}\0${query.replace(/\s+/g, ' ')}\0${relevant.join(' ')}\0`);
  }
}
