/** What is drawn of a plot's figures, and what it comes to in a sentence. */
import { number, percent } from '../../../i18n';
import type { Drawing, Kind } from './chart';
import type { Figures, Measure, Plot, Series } from './ask';
import { LOOKS } from './looks';
import { duration, inWords, moved, money, share, shortDay, sum, whenOf } from './say';
import { plural, t, type Word } from './words';

export const labelOf = (key: string) => t(`series_${key}` as Word);
const measured = (p: Plot) => p === 'confidence' || p === 'first_answer' || p === 'wait' || p === 'edits';

/** How a value of a plot is said. */
export function shown(plot: Plot, v: number): string {
  if (plot === 'confidence') return percent(v);
  if (plot === 'edits') return inWords(v);
  if (plot === 'cost') return money(v);
  return duration(v);
}

/** What is drawn of a point; null: nothing. */
export function value(plot: Plot, m: Measure): number | null {
  if (measured(plot)) return m.p50 ?? null;
  if (plot === 'cost') return m.conversations ? (m.mean ?? null) : null;
  return m.n;
}

const whole = (f: Figures, i: number) => sum(f.series.map((s) => s.points[i]!));

function saidOf(f: Figures, s: Series, i: number): string {
  const m = s.points[i]!;
  const plot = f.plot as Plot;
  const people = plural('conversations', m.conversations);
  if (measured(plot) || plot === 'cost') {
    const v = value(plot, m);
    return v === null ? people : `${shown(plot, v)}, ${people}`;
  }
  const of = whole(f, i);
  return `${number(m.n)}${of > 0 && f.series.length > 1 ? ` (${percent(m.n / of)})` : ''}, ${people}`;
}

/** The seconds of what the axis counts: an axis of minutes has whole ones. */
const unitOf = (most: number) => (most >= 7200 ? 3600 : most >= 120 ? 60 : 1);
const scaled = (v: number | undefined, per: number) => (v === undefined ? null : v / per);

/** The series of a plot that are drawn. */
export const drawn = (f: Figures) => (f.plot === 'wait' ? f.series.slice(0, 1) : f.series);

export function drawing(f: Figures): Drawing {
  const plot = f.plot as Plot;
  const base = { ticks: f.buckets.map((b) => shortDay(b.from)), whens: f.buckets.map((b) => whenOf(b, f.by)), whole: plot === 'drafts' };
  if (measured(plot)) {
    const s = f.series[0]!;
    const said = s.points.map((_, i) => saidOf(f, s, i));
    const per = plot === 'first_answer' || plot === 'wait' ? unitOf(Math.max(...s.points.map((m) => m.p95 ?? 0))) : 1;
    const line = (label: Word, pick: (m: Measure) => number | undefined, more: Partial<Kind>): Kind => ({
      key: s.key,
      label: t(label),
      look: LOOKS.line!,
      values: s.points.map((m) => scaled(pick(m), per)),
      said,
      ...more,
    });
    const median = line('median', (m) => m.p50, {});
    const kinds =
      plot === 'confidence' || plot === 'edits'
        ? [median, line('quartiles', (m) => m.p25, { edge: 'low' }), line('quartiles', (m) => m.p75, { edge: 'high' })]
        : [median, line('p95', (m) => m.p95, { look: LOOKS.far!, dashed: true, said: s.points.map((m) => (m.p95 === undefined ? '' : `${duration(m.p95)}, ${plural('conversations', m.conversations)}`)) })];
    return { ...base, bars: false, kinds, axis: (v) => (plot === 'edits' ? number(v) : shown(plot, v * per)) };
  }
  const kinds = f.series.map((s): Kind => ({
    key: s.key,
    label: labelOf(s.key),
    look: LOOKS[s.key]!,
    values: s.points.map((m, i) => {
      const v = value(plot, m);
      if (v === null) return null;
      if (plot === 'drafts') return whole(f, i) ? v / whole(f, i) : null;
      return s.key === 'down' ? -v : v;
    }),
    said: s.points.map((_, i) => saidOf(f, s, i)),
  }));
  const axis = (v: number) => (plot === 'drafts' ? percent(v) : plot === 'cost' ? money(v) : Number.isInteger(v) ? number(Math.abs(v)) : '');
  return { ...base, bars: true, kinds, axis };
}

/** The share of the first series, now and before. */
export function shares(f: Figures): { now: number; before: number | undefined; n: number } {
  const n = sum(f.series.map((s) => s.now));
  const was = sum(f.series.map((s) => s.before));
  const first = f.series[0]!;
  return { now: share(first.now.n, n), before: was >= f.few ? share(first.before.n, was) : undefined, n };
}

/** What a plot comes to. */
export function sentence(f: Figures): string {
  const plot = f.plot as Plot;
  if (plot === 'topics') {
    const top = f.series[0]!;
    return t('topics_says', { topic: top.title ?? top.key, share: percent(share(top.now.n, sum(f.series.map((s) => s.now)))) });
  }
  const what = `${plot}_what` as Word;
  if (measured(plot) || plot === 'cost') {
    const s = f.series[0]!;
    const now = value(plot, s.now);
    if (now === null) return '';
    if (plot === 'cost' && now === 0) return t('cost_free');
    return moved(what, now, s.before.n ? (value(plot, s.before) ?? undefined) : undefined, (v) => shown(plot, v));
  }
  const { now, before } = shares(f);
  return moved(what, now, before, percent);
}
