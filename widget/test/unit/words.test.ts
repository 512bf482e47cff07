import assert from 'node:assert/strict';
import { test } from 'node:test';
import { choose, words } from '../../src/app/i18n';
import de from '../../src/app/i18n/de.json';
import en from '../../src/app/i18n/en.json';
import es from '../../src/app/i18n/es.json';
import fr from '../../src/app/i18n/fr.json';
import { contrast, mix, palette, type RGB, type Theme } from '../../src/app/theme';
import { wordsFor } from '../../src/loader/words';

const files: Record<string, Record<string, string>> = { en, de, es, fr };
const holes = (s: string) => [...s.matchAll(/\{(\w+)\}/g)].map((m) => m[1]).sort();

for (const [name, catalogue] of Object.entries(files)) {
  test(`${name} has every key, nothing empty, and the same holes`, () => {
    assert.deepEqual(Object.keys(catalogue).sort(), Object.keys(en).sort());
    for (const [k, v] of Object.entries(catalogue)) {
      assert.ok(v.trim(), k);
      assert.deepEqual(holes(v), holes((en as Record<string, string>)[k]!), k);
    }
  });
  test(`the loader speaks ${name}`, () => assert.equal(wordsFor(name).length, wordsFor('en').length));
}

/** As the build packs them. */
const packed = (l: string) => (l === 'en' || !files[l] ? undefined : Object.keys(en).map((k) => files[l]![k]!));
const speak = (wanted: string[], dir: string) => {
  const locale = choose(wanted);
  return words(locale, dir, packed(locale.slice(0, 2).toLowerCase()));
};

const choices: { wanted: string[]; page: string; language: string; locale: string; dir: string }[] = [
  { wanted: ['de-AT'], page: '', language: 'de', locale: 'de-AT', dir: 'ltr' },
  { wanted: ['', 'fr'], page: 'ltr', language: 'fr', locale: 'fr', dir: 'ltr' },
  { wanted: ['ES_mx'], page: '', language: 'es', locale: 'es-MX', dir: 'ltr' },
  { wanted: ['ar'], page: '', language: 'en', locale: 'ar', dir: 'rtl' },
  { wanted: ['he-IL'], page: '', language: 'en', locale: 'he-IL', dir: 'rtl' },
  { wanted: ['fa'], page: 'ltr', language: 'en', locale: 'fa', dir: 'ltr' },
  { wanted: ['en'], page: 'rtl', language: 'en', locale: 'en', dir: 'rtl' },
  { wanted: ['pl', 'de'], page: '', language: 'en', locale: 'pl', dir: 'ltr' },
  { wanted: ['<script>', 'de'], page: '', language: 'de', locale: 'de', dir: 'ltr' },
  { wanted: [], page: '', language: 'en', locale: 'en', dir: 'ltr' },
];
for (const c of choices) {
  test(`${JSON.stringify(c.wanted)} on a page with direction "${c.page}"`, () => {
    const w = speak(c.wanted, c.page);
    assert.deepEqual({ language: w.language, locale: w.locale, dir: w.dir }, { language: c.language, locale: c.locale, dir: c.dir });
  });
}

test('numbers and days are said in the language of the words', () => {
  const w = speak(['de'], '');
  assert.equal(w.t('left', { n: 1234 }), 'Verbleibende Zeichen: 1.234');
  const now = new Date(2026, 4, 5, 12);
  assert.equal(w.day(new Date(2026, 4, 5, 1), now), 'Heute');
  assert.equal(w.day(new Date(2026, 4, 4, 23), now), 'Gestern');
  assert.equal(w.day(new Date(2026, 4, 1, 9), now), 'Freitag, 1. Mai');
});

test('a name with braces is shown as it is', () => {
  assert.equal(speak(['en'], '').t('source_n', { n: 1, title: '{n} $& {x}' }), 'Source 1: {n} $& {x}');
});

const rgb = (css: string): RGB => {
  const m = /rgb\((\d+) (\d+) (\d+)\)/.exec(css)!;
  return [Number(m[1]), Number(m[2]), Number(m[3])];
};
test('whatever the accent, text can be read', () => {
  const steps = [0, 64, 128, 192, 255];
  for (const theme of ['light', 'dark'] as Theme[]) {
    const surface: RGB = theme === 'light' ? [255, 255, 255] : [38, 35, 32];
    const page: RGB = theme === 'light' ? [251, 249, 246] : [28, 26, 24];
    for (const r of steps)
      for (const g of steps)
        for (const b of steps) {
          const p = palette([r, g, b], theme);
          const at = `${r},${g},${b} ${theme}`;
          assert.ok(contrast(rgb(p['--on-accent']!), rgb(p['--accent']!)) >= 4.5, `button ${at}`);
          for (const on of [surface, page, rgb(p['--accent-soft']!)]) {
            assert.ok(contrast(rgb(p['--accent-text']!), on) >= 4.5, `text ${at} on ${on.join()}`);
          }
        }
  }
});

test('mixing is by parts', () => assert.deepEqual(mix([0, 0, 0], [100, 200, 50], 0.5), [50, 100, 25]));
