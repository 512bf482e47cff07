/** Days, durations, shares and money in words, and the sentence that a plot comes to. */
import { language, locale, number, percent, t as shared } from '../../../i18n';
import type { Measure } from './ask';
import { plural, t, type Word } from './words';

const tag = () => (locale.value.toLowerCase().split('-')[0] === language.value ? locale.value : language.value);
const at = (day: string) => new Date(`${day}T00:00:00Z`);
const formatted = (day: string, o: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat(tag(), { timeZone: 'UTC', ...o }).format(at(day));

export const shortDay = (day: string) => formatted(day, { day: 'numeric', month: 'short' });
export const longDay = (day: string) => formatted(day, { weekday: 'long', day: 'numeric', month: 'long' });
export const fullDay = (day: string) => formatted(day, { day: 'numeric', month: 'short', year: 'numeric' });
export const days = (from: string, to: string) => t('behind_all', { from: shortDay(from), to: fullDay(to) });
/** When a bucket is; the first and the last week of a range may be shorter. */
export function whenOf(b: { from: string; to: string }, by: string): string {
  if (by !== 'week') return longDay(b.from);
  return plus(b.from, 6) === b.to ? t('week_of', { date: shortDay(b.from) }) : b.from === b.to ? longDay(b.from) : t('behind_all', { from: shortDay(b.from), to: shortDay(b.to) });
}

/** The day that lies n days after another. */
export function plus(day: string, n: number): string {
  const d = at(day);
  d.setUTCDate(d.getUTCDate() + n);
  return d.toISOString().slice(0, 10);
}

/** Seconds as people say them. */
export function duration(s: number): string {
  if (s < 90) return shared('wait_seconds', { n: s < 10 ? Math.round(s * 10) / 10 : Math.round(s) });
  const minutes = Math.round(s / 60);
  if (minutes < 90) return shared('wait_minutes', { n: s < 600 ? Math.round(s / 6) / 10 : minutes });
  return shared('wait_hours', { n: Math.floor(minutes / 60), m: minutes % 60 });
}

/** Dollars; thousandths where it is a matter of cents. */
export function money(v: number): string {
  const digits = v === 0 || v >= 1 ? 2 : v >= 0.01 ? 3 : 5;
  return new Intl.NumberFormat(tag(), { style: 'currency', currency: 'USD', minimumFractionDigits: Math.min(2, digits), maximumFractionDigits: digits }).format(v);
}

export const inWords = (v: number) => plural('words', Math.round(v), { n: Math.round(v) });

export const share = (n: number, of: number) => (of > 0 ? n / of : 0);

/** "rose from … to …", by what is shown and not by what is behind the comma. */
export function moved(what: Word, now: number, before: number | undefined, show: (v: number) => string): string {
  const vars = { what: t(what), now: show(now), before: before === undefined ? '' : show(before) };
  if (before === undefined) return t('only', vars);
  if (vars.now === vars.before) return t('stayed', vars);
  return t(now > before ? 'rose' : 'fell', vars);
}

const signed = (n: number, text: string) => (n > 0 ? `+${text}` : n < 0 ? `−${text}` : text);

/** How far a share moved, in points of a hundred. */
export function movedPoints(now: number, before: number | undefined): string {
  if (before === undefined) return t('no_before');
  const n = Math.round(now * 100) - Math.round(before * 100);
  return n === 0 ? t('same') : t('change', { change: t('points', { n: signed(n, number(Math.abs(n))) }) });
}

/** How far a quantity moved, by itself. */
export function movedBy(now: number, before: number | undefined): string {
  if (before === undefined || before === 0) return t('no_before');
  const by = now / before - 1;
  return Math.abs(by) < 0.005 ? t('same') : t('change', { change: signed(by, percent(Math.abs(by))) });
}

/** How far a quantity moved, as short as can be; empty where there is no telling. */
export const change = (now: number, before: number) => (before > 0 && now !== before ? signed(now - before, percent(Math.abs(now / before - 1))) : '');

export const sum = (list: readonly Measure[]) => list.reduce((n, m) => n + m.n, 0);
