/** Insight: how the bot and the team do, in plots whose every point leads to its conversations. */
import { useMemo } from 'preact/hooks';
import { coded, languageName } from '../../../i18n';
import { go, to } from '../../../state/router';
import { Field, Segments, Select } from '../../../ui/field';
import { Show, useLoad, type Loaded } from '../../../ui/load';
import { Empty } from '../../../ui/pieces';
import type { TabProps } from '../page';
import { about, figures, type Figures, type Plot, type Range } from './ask';
import { ArticlesCard, TopicsCard } from './bars';
import { Behind, type Point } from './behind';
import { TimeCard, type CardProps, type Open } from './card';
import { labelOf } from './drawings';
import { Heads } from './heads';
import { days, fullDay, plus, whenOf } from './say';
import { t, type Word } from './words';

const RANGES = ['7', '30', '90', 'custom'] as const;
type Choice = (typeof RANGES)[number];
const PLOTS: readonly Plot[] = ['outcomes', 'topics', 'confidence', 'first_answer', 'wait', 'drafts', 'edits', 'cost', 'ratings', 'articles'];
/** From so many days on a point is a week, unless something else was chosen. */
const WEEKS_FROM = 60;

export function InsightPage({ site, query }: TabProps) {
  const known = useLoad(() => about(site), [site]);
  return (
    <div class="insight">
      <div class="page-head">
        <div>
          <h2>{t('title')}</h2>
          <p class="lead">{t('lead')}</p>
        </div>
      </div>
      <Show from={known} rows={8}>
        {(a) =>
          a.first ? (
            <Plots site={site} query={query} today={a.today} zone={a.time_zone} languages={a.languages} />
          ) : (
            <Empty icon="eye" title={t('empty_title')}>
              <p>{t('empty_hint')}</p>
            </Empty>
          )
        }
      </Show>
    </div>
  );
}

/** The range that the address says; what it does not say, or says wrongly, is the last 30 days. */
function rangeOf(query: URLSearchParams, today: string): { choice: Choice; range: Range } {
  const said = query.get('range') ?? '';
  const day = (name: string) => (/^\d{4}-\d\d-\d\d$/.test(query.get(name) ?? '') ? query.get(name)! : '');
  const custom = said === 'custom' && day('from') && day('to');
  const choice: Choice = custom ? 'custom' : (RANGES.find((r) => r === said && r !== 'custom') ?? '30');
  const from = custom ? day('from') : plus(today, 1 - Number(choice));
  const until = custom ? day('to') : today;
  const long = (Date.parse(until) - Date.parse(from)) / 86_400_000 >= WEEKS_FROM;
  const by = query.get('by') === 'week' || query.get('by') === 'day' ? (query.get('by') as 'day' | 'week') : long ? 'week' : 'day';
  return { choice, range: { from, to: until, by, language: query.get('language') ?? '' } };
}

function Plots({ site, query, today, zone, languages }: { site: string; query: URLSearchParams; today: string; zone: string; languages: string[] }) {
  const { choice, range } = rangeOf(query, today);
  const { from, to: until, by, language } = range;
  const stable = useMemo(() => range, [from, until, by, language]);
  const of = Object.fromEntries(PLOTS.map((plot) => [plot, usePlot(site, plot, stable)])) as Record<Plot, Loaded<Figures>>;

  const set = (change: Record<string, string>, replace = false) => {
    const next = Object.fromEntries([...query.entries(), ...Object.entries(change)]);
    go(to.knowledge(site, 'insight', '', next), replace);
  };
  const NO_POINT = { plot: '', series: '', at: '', as_of: '' };
  const open: Open = (f, series, at = '') => set({ plot: f.plot, series, at, as_of: f.as_of });
  const plot = PLOTS.find((p) => p === query.get('plot'));
  const point = plot && { plot, series: query.get('series') ?? '', at: query.get('at') ?? '', as_of: query.get('as_of') ?? '' };
  const card = (name: Word, p: Plot): CardProps => ({ name, plot: p, from: of[p], site, range: stable, open });
  const count = Math.round((Date.parse(until) - Date.parse(from)) / 86_400_000) + 1;

  return (
    <>
      <div class="insight-choice">
        <Segments
          label={t('range')}
          value={choice}
          options={RANGES.map((value) => ({ value, label: t(`range_${value}`) }))}
          change={(r) => set({ ...NO_POINT, range: r, by: '', from: r === 'custom' ? from : '', to: r === 'custom' ? until : '' })}
        />
        {choice === 'custom' && (
          <>
            <Field label={t('from')} type="date" value={from} max={until} onChange={(e) => e.currentTarget.value && set({ ...NO_POINT, from: e.currentTarget.value })} />
            <Field label={t('to')} type="date" value={until} min={from} max={today} onChange={(e) => e.currentTarget.value && set({ ...NO_POINT, to: e.currentTarget.value })} />
          </>
        )}
        <Segments
          label={t('by')}
          value={by}
          options={[
            { value: 'day', label: t('by_day') },
            { value: 'week', label: t('by_week') },
          ]}
          change={(b) => set({ ...NO_POINT, by: b })}
        />
        {languages.length > 1 && (
          <Select label={t('language')} hideLabel value={language} onChange={(e) => set({ ...NO_POINT, language: e.currentTarget.value })}>
            <option value="">{t('every_language')}</option>
            {languages.map((l) => (
              <option key={l} value={l}>
                {languageName(l)}
              </option>
            ))}
          </Select>
        )}
      </div>
      <p class="hint">{t('shown', { from: fullDay(from), to: fullDay(until), zone, before: days(plus(from, -count), plus(from, -1)) })}</p>
      <Heads of={of} open={open} />
      <div class="plots">
        <TimeCard {...card('outcomes', 'outcomes')} wide />
        <TopicsCard {...card('topics', 'topics')} />
        <TimeCard {...card('confidence', 'confidence')} />
        <TimeCard {...card('first_answer', 'first_answer')} />
        <TimeCard {...card('wait', 'wait')} />
        <ArticlesCard {...card('works', 'articles')} />
        <ArticlesCard {...card('fails', 'articles')} />
        <TimeCard {...card('drafts', 'drafts')} />
        <TimeCard {...card('edits', 'edits')} />
        <TimeCard {...card('ratings', 'ratings')} />
        <TimeCard {...card('cost', 'cost')} />
      </div>
      {point && (
        <Behind key={JSON.stringify(point)} site={site} point={point} range={stable} title={titleOf(point, of[point.plot].data, stable)} close={() => set(NO_POINT)} />
      )}
    </>
  );
}

/** A plot's figures; topics come with their names. */
function usePlot(site: string, plot: Plot, range: Range): Loaded<Figures> {
  return useLoad(async () => {
    const f = await figures(site, plot, range);
    if (plot === 'topics') for (const s of f.series) s.title = coded('topic', s.key);
    return f;
  }, [site, plot, range]);
}

function titleOf(p: Point, f: Figures | undefined, range: Range): string {
  const when = p.at ? whenOf(f?.buckets.find((b) => b.from === p.at) ?? { from: p.at, to: p.at }, range.by) : days(range.from, range.to);
  if (p.plot === 'topics') return t('behind_title', { what: coded('topic', p.series), when });
  if (p.plot !== 'articles') return t('behind_title', { what: p.series ? labelOf(p.series) : t(p.plot), when });
  const title = f?.series.find((s) => s.key === p.series)?.title ?? t('gone_article');
  const fate = p.series.split('/')[1];
  const how = t(fate === 'down' ? 'series_thumb' : fate === 'person' ? 'series_person' : 'series_worked');
  return t('behind_title', { what: `${title}: ${how}`, when });
}
