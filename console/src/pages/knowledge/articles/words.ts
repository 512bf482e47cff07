/** The words of the articles' pages. */
import { language, languageName, words, type Vars } from '../../../i18n';
import de from './de.json';
import en from './en.json';

export type Key = keyof typeof en;
export const { t, plural } = words<Key>({ en, de });
export type Say = (key: Key, vars?: Vars) => string;

const UNITS = [
  ['year', 365.25 * 864e5],
  ['month', 30.44 * 864e5],
  ['day', 864e5],
  ['hour', 36e5],
] as const;

/** How long ago, in the largest unit that fits: "3 months". */
export function age(iso: string, now: number): string {
  const ms = now - Date.parse(iso);
  for (const [unit, of] of UNITS) if (ms >= of) return new Intl.NumberFormat(language.value, { style: 'unit', unit, unitDisplay: 'long' }).format(Math.floor(ms / of));
  return t('just_now');
}

/** "German (de)", as it reads in a list of languages. */
export function tongue(code: string): string {
  const name = languageName(code);
  return name === code || !code ? code : `${name} (${code})`;
}

export const sourceName = (source: string) => (source === 'console' ? t('source_console') : source);
