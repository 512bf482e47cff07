import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { newClientId, parseFrame } from '../../src/app/wire';

declare const PROTOCOL: string;

interface Example {
  section: string;
  raw: string;
  frame: Record<string, unknown>;
}

/** Every JSON example of the protocol's page, by the heading it stands under. */
function examples(): Example[] {
  const out: Example[] = [];
  let section = '';
  let fence: string[] | undefined;
  for (const line of readFileSync(PROTOCOL, 'utf8').split('\n')) {
    if (line.startsWith('## ')) section = line.slice(3);
    if (line === '```json') fence = [];
    else if (line === '```' && fence) {
      const raw = fence.join('\n');
      out.push({ section, raw, frame: JSON.parse(raw) as Record<string, unknown> });
      fence = undefined;
    } else fence?.push(line);
  }
  return out;
}

const all = examples();
const fromServer = all.filter((e) => e.section === 'The server sends');
const fromShopper = all.filter((e) => e.section === "The shopper's side sends");

test('the page has examples of every frame that the server sends', () => {
  const types = new Set(fromServer.map((e) => e.frame.type));
  assert.deepEqual([...types].sort(), ['delta', 'error', 'event', 'read', 'retract', 'status', 'welcome']);
  assert.deepEqual([...new Set(fromShopper.map((e) => e.frame.type))].sort(), ['handoff', 'hello', 'message', 'rate', 'read', 'summary', 'typing']);
});

for (const e of fromServer) {
  test(`reads the example of ${String(e.frame.type)} whole`, () => {
    const read = parseFrame(e.raw) as unknown as Record<string, unknown> | undefined;
    assert.ok(read);
    for (const [k, v] of Object.entries(e.frame)) {
      // Of a handoff the text says the rest.
      if (k === 'handoff') assert.equal((read[k] as { summary?: string }).summary, (v as { summary?: string }).summary);
      else assert.deepEqual(read[k], v, k);
    }
  });
}

test('the client frames of the page carry only fields that the types know', () => {
  const known: Record<string, string[]> = {
    hello: ['type', 'site_key', 'visitor_token', 'identity', 'conversation_id', 'after_seq', 'locale', 'page'],
    message: ['type', 'client_id', 'text'],
    handoff: ['type', 'client_id', 'email', 'note'],
    summary: ['type', 'client_id', 'text'],
    typing: ['type'],
    read: ['type', 'seq'],
    rate: ['type', 'client_id', 'event_seq', 'score', 'comment'],
  };
  for (const e of fromShopper) {
    for (const k of Object.keys(e.frame)) assert.ok(known[String(e.frame.type)]?.includes(k), `${String(e.frame.type)}.${k}`);
  }
});

const bad: [string, unknown][] = [
  ['nothing', ''],
  ['half a frame', '{"type":"event"'],
  ['an array', '[]'],
  ['null', 'null'],
  ['no type', '{}'],
  ['an unknown type', '{"type":"dance"}'],
  ['binary', new Uint8Array(3)],
  ['an event without seq', '{"type":"event","kind":"message","conversation_id":"x"}'],
  ['an event with seq 0', '{"type":"event","seq":0,"kind":"message","conversation_id":"x"}'],
  ['an event with a broken seq', '{"type":"event","seq":"5","kind":"message","conversation_id":"x"}'],
  ['a delta without offset', '{"type":"delta","turn_id":"t","text":"x"}'],
  ['a delta with an offset below 0', '{"type":"delta","turn_id":"t","offset":-1,"text":"x"}'],
  ['a delta without a turn', '{"type":"delta","offset":0,"text":"x"}'],
  ['a retract without offset', '{"type":"retract","turn_id":"t"}'],
];
for (const [name, raw] of bad) {
  test(`takes ${name} for no frame`, () => assert.equal(parseFrame(raw), undefined));
}

test('a welcome with parts of the wrong kind still welcomes', () => {
  const w = parseFrame('{"type":"welcome","suggestions":[1,"Where?",""," ",null],"limits":"x","last_seq":-3}');
  assert.ok(w?.type === 'welcome');
  assert.deepEqual(w.suggestions, ['Where?']);
  assert.equal(w.limits.max_text, 4000);
  assert.equal(w.last_seq, 0);
});

test('citations that are none are left out', () => {
  const e = parseFrame('{"type":"event","seq":1,"kind":"message","conversation_id":"x","citations":[null,{"n":"1"},{"n":2,"title":5}]}');
  assert.ok(e?.type === 'event');
  assert.deepEqual(e.citations, [{ n: 2, title: '', url: '', quote: '' }]);
});

test('client ids suit the wire and differ', () => {
  const ids = new Set(Array.from({ length: 500 }, newClientId));
  assert.equal(ids.size, 500);
  for (const id of ids) assert.match(id, /^[A-Za-z0-9_-]{1,64}$/);
});
