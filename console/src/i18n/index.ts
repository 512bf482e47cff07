/** The console's words: a catalogue by the agent's language, dates and numbers by Intl. */
import { computed, signal } from '@preact/signals';
import de from './de.json';
import en from './en.json';

export type Key = keyof typeof en;
export type Language = 'en' | 'de';
export const catalogues: Record<Language, Record<Key, string>> = { en, de };
export const LANGUAGES: readonly Language[] = ['en', 'de'];

/** The agent's own choice (BCP 47), or the browser's until somebody is signed in. */
export const locale = signal(typeof navigator === 'undefined' ? 'en' : navigator.language);

export const language = computed<Language>(() => (locale.value.toLowerCase().startsWith('de') ? 'de' : 'en'));

// Words and dates in one language: a German date in an English sentence helps nobody.
const tag = computed(() => (locale.value.toLowerCase().split('-')[0] === language.value ? locale.value : language.value));
const numbers = computed(() => new Intl.NumberFormat(tag.value));
const times = computed(() => new Intl.DateTimeFormat(tag.value, { hour: 'numeric', minute: '2-digit' }));
const days = computed(() => new Intl.DateTimeFormat(tag.value, { weekday: 'long', day: 'numeric', month: 'long' }));
const dates = computed(() => new Intl.DateTimeFormat(tag.value, { day: 'numeric', month: 'short', year: 'numeric' }));
const moments = computed(() => new Intl.DateTimeFormat(tag.value, { dateStyle: 'medium', timeStyle: 'short' }));
const names = computed(() => new Intl.DisplayNames([tag.value], { type: 'language' }));

export type Vars = Record<string, string | number>;

function fill(sentence: string, vars?: Vars): string {
  return sentence.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const v = vars?.[name];
    return typeof v === 'number' ? numbers.value.format(v) : (v ?? whole);
  });
}

type Base<K> = K extends `${infer B}_one` ? B : never;

/** The words of a part of the console, in a language each: what it says, and what it says of a number of things. */
export function words<K extends string>(of: Record<Language, Record<K, string>>) {
  const say = (key: K, vars?: Vars) => fill(of[language.value][key], vars);
  return {
    t: say,
    /** The sentence for a number of things; both languages know one and many. */
    plural: (base: Base<K>, n: number, vars?: Vars) => say(`${base}_${n === 1 ? 'one' : 'other'}` as K, { n, ...vars }),
    /** The words for a code of the server where there are any, else the code made readable. */
    coded: (prefix: string, code: string) => {
      const key = `${prefix}_${code.replace(/[.-]/g, '_')}`;
      return key in of.en ? say(key as K) : code.replace(/[_.]/g, ' ');
    },
  };
}

export const { t, plural } = words<Key>(catalogues);

/** The words for a code of the server where there are any, else the code made readable. */
export function coded(prefix: 'reason' | 'feeling' | 'topic' | 'tried' | 'outcome' | 'audit', code: string): string {
  const key = `${prefix}_${code.replace(/[.-]/g, '_')}`;
  return key in en ? t(key as Key) : code.replace(/[_.]/g, ' ');
}

export const number = (n: number) => numbers.value.format(n);
export const percent = (n: number) => new Intl.NumberFormat(tag.value, { style: 'percent' }).format(n);
export const time = (iso: string) => (valid(iso) ? times.value.format(new Date(iso)) : '');
export const date = (iso: string) => (valid(iso) ? dates.value.format(new Date(iso)) : '');
export const moment = (iso: string) => (valid(iso) ? moments.value.format(new Date(iso)) : '');

const valid = (iso: string) => !Number.isNaN(Date.parse(iso));
const midnight = (d: Date) => new Date(d.getFullYear(), d.getMonth(), d.getDate()).getTime();

/** "Today", "Yesterday", or the date. */
export function day(iso: string, now: number): string {
  if (!valid(iso)) return '';
  const at = new Date(iso);
  const ago = Math.round((midnight(new Date(now)) - midnight(at)) / 86_400_000);
  if (ago <= 0) return t('today');
  if (ago === 1) return t('yesterday');
  return ago < 300 ? days.value.format(at) : dates.value.format(at);
}

/** When something was, as short as it can be said: the time today, else the date. */
export function when(iso: string, now: number): string {
  if (!valid(iso)) return '';
  const at = new Date(iso);
  return midnight(new Date(now)) === midnight(at) ? times.value.format(at) : new Intl.DateTimeFormat(tag.value, { day: 'numeric', month: 'short' }).format(at);
}

/** A wait: seconds, then minutes, then hours, then days. */
export function wait(ms: number): string {
  const s = Math.max(0, Math.floor(ms / 1000));
  if (s < 60) return t('wait_seconds', { n: s });
  if (s < 3600) return t('wait_minutes', { n: Math.floor(s / 60) });
  if (s < 86_400) return t('wait_hours', { n: Math.floor(s / 3600), m: Math.floor((s % 3600) / 60) });
  return t('wait_days', { n: Math.floor(s / 86_400) });
}

/** "German" for "de". */
export function languageName(code: string): string {
  try {
    return names.value.of(code) ?? code;
  } catch {
    return code;
  }
}

/** Weekday n (1 is Monday), in full. */
export function weekday(n: number): string {
  return new Intl.DateTimeFormat(tag.value, { weekday: 'long', timeZone: 'UTC' }).format(new Date(Date.UTC(2024, 0, n)));
}
