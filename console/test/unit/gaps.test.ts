import assert from 'node:assert/strict';
import { afterEach, beforeEach, mock, test } from 'node:test';
import de from '../../src/pages/knowledge/gaps/de.json';
import en from '../../src/pages/knowledge/gaps/en.json';
import sharedDe from '../../src/pages/knowledge/de.json';
import sharedEn from '../../src/pages/knowledge/en.json';
import { Latest, outOfDate } from '../../src/pages/knowledge/gaps/latest';
import { missing } from '../../src/pages/knowledge/gaps/missing';
import { offsetOf, refined } from '../../src/pages/knowledge/listing';

/** A server that answers when the test says so. */
function slow() {
  const asked: { revision: number; signal: AbortSignal; answer: (s: string) => void; fail: (e: Error) => void }[] = [];
  const ask = (revision: number, signal: AbortSignal) => new Promise<string>((answer, fail) => asked.push({ revision, signal, answer, fail }));
  return { asked, ask };
}
const settled = () => new Promise((done) => setImmediate(done));
const PAUSE = 900;
beforeEach(() => mock.timers.enable({ apis: ['setTimeout'] }));
afterEach(() => mock.timers.reset());

test('the first revision is asked for at once, a saved one after a pause, and the last of many', async () => {
  const s = slow();
  const run = new Latest(s.ask, PAUSE);
  run.want(1);
  assert.deepEqual(s.asked.map((a) => a.revision), [1]);
  assert.equal(run.answer.value.running, true);
  s.asked[0]!.answer('one');
  await settled();
  assert.deepEqual({ ...run.answer.value }, { value: 'one', revision: 1, wanted: 1, running: false, error: '' });
  run.want(2);
  run.want(3);
  mock.timers.tick(PAUSE - 1);
  assert.equal(s.asked.length, 1, 'it waits');
  assert.equal(outOfDate(run.answer.value), true, 'what is shown is of another draft');
  mock.timers.tick(PAUSE);
  assert.deepEqual(s.asked.map((a) => a.revision), [1, 3]);
  s.asked[1]!.answer('three');
  await settled();
  assert.equal(run.answer.value.value, 'three');
  assert.equal(outOfDate(run.answer.value), false);
});

test('the same revision again asks nothing', async () => {
  const s = slow();
  const run = new Latest(s.ask, PAUSE);
  run.want(1);
  run.want(1);
  mock.timers.tick(PAUSE);
  assert.equal(s.asked.length, 1);
});

test('an answer that comes late, about an older draft, is not shown', async () => {
  const s = slow();
  const run = new Latest(s.ask, PAUSE);
  run.want(1);
  run.want(2);
  assert.equal(s.asked[0]!.signal.aborted, true);
  mock.timers.tick(PAUSE);
  s.asked[1]!.answer('two');
  s.asked[0]!.answer('one');
  await settled();
  assert.equal(run.answer.value.value, 'two');
  assert.equal(run.answer.value.revision, 2);
});

test('who stops keeps what was there, and can ask again', async () => {
  const s = slow();
  const run = new Latest(s.ask, PAUSE);
  run.want(1);
  s.asked[0]!.answer('one');
  await settled();
  run.want(2);
  run.cancel();
  mock.timers.tick(PAUSE);
  assert.equal(s.asked.length, 1, 'nothing is asked after that');
  assert.equal(run.answer.value.value, 'one');
  assert.equal(outOfDate(run.answer.value), true);
  run.again();
  s.asked[1]!.answer('two');
  await settled();
  assert.deepEqual([run.answer.value.value, run.answer.value.revision], ['two', 2]);
});

test('what failed is said, and only as long as it is so', async () => {
  const s = slow();
  const run = new Latest(s.ask, PAUSE);
  run.want(1);
  s.asked[0]!.fail(new Error('No.'));
  await settled();
  assert.deepEqual([run.answer.value.error, run.answer.value.running], ['No.', false]);
  run.again();
  assert.equal(run.answer.value.error, '');
  run.cancel();
  s.asked[1]!.fail(new Error('aborted'));
  await settled();
  assert.equal(run.answer.value.error, '', 'an asking that was stopped did not fail');
});

test('words that an article does not use are named, whatever their ending', () => {
  const text = 'Climbing shoes are resoled in our workshop. It costs 45 €.';
  assert.deepEqual(missing('Can you resole my climbing shoe?', text), []);
  assert.deepEqual(missing('How long does a repair of La Sportiva shoes take?', text), ['repair', 'sportiva', 'take']);
  assert.deepEqual(missing('Kann ich auf Rechnung zahlen?', 'Rechnungen gibt es nicht.'), ['zahlen']);
  assert.deepEqual(missing('what about it?', ''), []);
  assert.equal(missing('alpha bravo charlie delta echo foxtrot', '').length, 4);
});

test('a list keeps its filters in its address, and other filters begin at the first page', () => {
  const place = { site: 'demo', tab: 'gaps', query: new URLSearchParams('state=closed&q=boots&page=3') };
  assert.equal(offsetOf(place.query), 100);
  assert.equal(offsetOf(new URLSearchParams('page=-2')), 0);
  assert.equal(offsetOf(new URLSearchParams('page=nonsense')), 0);
  assert.equal(refined(place, { q: '' }), '/console/shops/demo/knowledge/gaps?state=closed');
  assert.equal(refined(place, { page: '4' }), '/console/shops/demo/knowledge/gaps?state=closed&q=boots&page=4');
});

test('gaps are spoken of in both languages, with the same holes', () => {
  const holes = (s: string) => [...s.matchAll(/\{(\w+)\}/g)].map((m) => m[1]).sort();
  for (const [a, b] of [
    [en, de],
    [sharedEn, sharedDe],
  ] as [Record<string, string>, Record<string, string>][]) {
    assert.deepEqual(Object.keys(b).sort(), Object.keys(a).sort());
    for (const [k, v] of Object.entries(a)) assert.deepEqual(holes(b[k]!), holes(v), k);
  }
});
