/**
 * The widget's words: English comes with the app and names the keys, another language is fetched
 * when the shopper reads it. Dates and numbers are by Intl.
 */
import en from './en.json';

export type Key = keyof typeof en;
/** The words of a language, in the order of English's keys. */
export type Catalogue = string[];

/** The addresses of the other catalogues by language, put in by the build. */
declare const CATALOGUES: Record<string, string>;

const FETCH_WITHIN = 5000;

const RTL = new Set(['ar', 'he', 'iw', 'fa', 'ur', 'ps', 'sd', 'ug', 'yi', 'dv', 'ckb']);

export interface Words {
  /** What the shopper reads, as asked for (BCP 47). */
  locale: string;
  /** The catalogue in use. */
  language: string;
  dir: 'ltr' | 'rtl';
  t(key: Key, vars?: Record<string, string | number>): string;
  time(at: Date): string;
  /** "Today", "Yesterday", or the date. */
  day(at: Date, now: Date): string;
}

function valid(tag: string): string {
  try {
    return Intl.getCanonicalLocales(tag)[0] ?? '';
  } catch {
    return '';
  }
}

/** The first usable tag of `wanted`. */
export const choose = (wanted: readonly string[]): string =>
  wanted.map((w) => valid(w.trim().replace(/_/g, '-'))).find((w) => w) ?? 'en';

const baseOf = (locale: string): string => locale.split('-')[0]!.toLowerCase();

/** Fetches the words for a locale; undefined where English it is. */
export async function fetchWords(locale: string): Promise<Catalogue | undefined> {
  const address = CATALOGUES[baseOf(locale)];
  if (!address) return;
  const late = new Promise<undefined>((done) => setTimeout(done, FETCH_WITHIN));
  const words = fetch(address).then(
    async (r) => (r.ok ? ((await r.json()) as Catalogue) : undefined),
    () => undefined,
  );
  return Promise.race([words, late]);
}

/**
 * The words for a locale. Without a catalogue they are English, but the direction stays that of the
 * page, or else of the language asked for.
 */
export function words(locale: string, pageDir: string, catalogue?: Catalogue): Words {
  const base = baseOf(locale);
  const language = catalogue ? base : 'en';
  const list = catalogue ?? Object.values(en);
  const text = Object.fromEntries(Object.keys(en).map((k, i) => [k, list[i]])) as Record<Key, string>;
  // Words and dates in one language: a French date in an English sentence helps nobody.
  const format = language === base ? locale : 'en';
  const numbers = new Intl.NumberFormat(format);
  const times = new Intl.DateTimeFormat(format, { hour: 'numeric', minute: '2-digit' });
  const days = new Intl.DateTimeFormat(format, { weekday: 'long', day: 'numeric', month: 'long' });
  const t: Words['t'] = (key, vars) =>
    text[key].replace(/\{(\w+)\}/g, (_, name: string) => {
      const v = vars?.[name];
      return typeof v === 'number' ? numbers.format(v) : (v ?? '');
    });
  const midnight = (d: Date) => new Date(d.getFullYear(), d.getMonth(), d.getDate()).getTime();
  return {
    locale,
    language,
    dir: pageDir === 'rtl' || (pageDir !== 'ltr' && RTL.has(base)) ? 'rtl' : 'ltr',
    t,
    time: (at) => times.format(at),
    day(at, now) {
      const ago = Math.round((midnight(now) - midnight(at)) / 86_400_000);
      return ago <= 0 ? t('today') : ago === 1 ? t('yesterday') : days.format(at);
    },
  };
}
