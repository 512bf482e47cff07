/** Days, durations, shares and money in words, and the sentence that a plot comes to. */
import { language, locale, number, percent } from '../../../i18n';
import type { Measure } from './ask';
import { plural, t, type Word } from './words';

const tag = () => (locale.value.toLowerCase().split('-')[0] === language.value ? locale.value : language.value);
const at = (day: string) => new Date(`${day}T00:00:00Z`);
const formatted = (day: string, o: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat(tag(), { timeZone: 'UTC', ...o }).format(at(day));

export const shortDay = (day: string) => formatted(day, { day: 'numeric', month: 'short' });
export const longDay = (day: string) => formatted(day, { weekday: 'long', day: 'numeric', month: 'long' });
export const fullDay = (day: string) => formatted(day, { day: 'numeric', month: 'short', year: 'numeric' });
export const days = (from: string, to: string) => t('behind_all', { from: shortDay(from), to: fullDay(to) });
export const whenOf = (bucket: { from: string }, by: string) => (by === 'week' ? t('week_of', { date: shortDay(bucket.from) }) : longDay(bucket.from));

/** The day that lies n days after another. */
export function plus(day: string, n: number): string {
  const d = at(day);
  d.setUTCDate(d.getUTCDate() + n);
  return d.toISOString().slice(0, 10);
}

const unit = (n: number, u: string, digits = 0) => new Intl.NumberFormat(tag(), { style: 'unit', unit: u, unitDisplay: 'short', maximumFractionDigits: digits }).format(n);

/** Seconds as people say them. */
export function duration(s: number): string {
  if (s < 10) return unit(s, 'second', 1);
  if (s < 90) return unit(Math.round(s), 'second');
  const minutes = Math.round(s / 60);
  if (minutes < 90) return unit(minutes, 'minute');
  const hours = Math.floor(minutes / 60);
  return minutes % 60 && hours < 10 ? `${unit(hours, 'hour')} ${unit(minutes % 60, 'minute')}` : unit(Math.round(minutes / 60), 'hour');
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

export const sum = (list: readonly Measure[]) => list.reduce((n, m) => n + m.n, 0);
