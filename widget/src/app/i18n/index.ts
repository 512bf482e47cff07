/** The widget's words: a catalogue for the shopper's language, dates and numbers by Intl. */
import de from './de.json';
import en from './en.json';
import es from './es.json';
import fr from './fr.json';

export type Key = keyof typeof en;
type Catalogue = Record<Key, string>;

/** The build packs the catalogues beside English as lists in English's order. */
function unpack(c: Catalogue | string[]): Catalogue {
  if (!Array.isArray(c)) return c;
  return Object.fromEntries(Object.keys(en).map((k, i) => [k, c[i]])) as Catalogue;
}

export const catalogues: Record<string, Catalogue> = { en, de: unpack(de), fr: unpack(fr), es: unpack(es) };

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

/**
 * Chooses by the first usable tag of `wanted`. Where there is no catalogue for it the words are
 * English, but the direction stays that of the page, or else of the language asked for.
 */
export function words(wanted: readonly string[], pageDir: string): Words {
  const locale = wanted.map((w) => valid(w.trim().replace(/_/g, '-'))).find((w) => w) ?? 'en';
  const base = locale.split('-')[0]!.toLowerCase();
  const language = catalogues[base] ? base : 'en';
  const catalogue = catalogues[language]!;
  // Words and dates in one language: a French date in an English sentence helps nobody.
  const format = language === base ? locale : 'en';
  const numbers = new Intl.NumberFormat(format);
  const times = new Intl.DateTimeFormat(format, { hour: 'numeric', minute: '2-digit' });
  const days = new Intl.DateTimeFormat(format, { weekday: 'long', day: 'numeric', month: 'long' });
  const t: Words['t'] = (key, vars) =>
    catalogue[key].replace(/\{(\w+)\}/g, (_, name: string) => {
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
