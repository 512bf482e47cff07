/** A plot with its name, what it comes to in a sentence, its kinds, and its figures as a table. */
import type { ComponentChildren } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import { number, percent } from '../../../i18n';
import { IconButton } from '../../../ui/button';
import { Icon } from '../../../ui/icon';
import { lazy } from '../../../ui/lazy';
import type { Loaded } from '../../../ui/load';
import { Failure, Skeleton } from '../../../ui/pieces';
import { csvAddress, type Figures, type Plot, type Range } from './ask';
import type { ChartProps } from './chart';
import { drawing, drawn, labelOf, sentence, shown, value } from './drawings';
import { LOOKS, type Look } from './looks';
import { duration, sum, whenOf } from './say';
import { plural, t, type Word } from './words';

const Chart = lazy<ChartProps>(async () => (await import('./chart')).Chart);

/** Opens the conversations behind a point; without a bucket, those of the whole range. */
export type Open = (f: Figures, series: string, at?: string) => void;

export interface CardProps {
  name: Word;
  plot: Plot;
  from: Loaded<Figures>;
  site: string;
  range: Range;
  open: Open;
  wide?: boolean;
}

/** What every card has, whatever is drawn in it. */
export function Frame({ name, how, plot, from, site, range, open, wide, says, few, table, children }: CardProps & {
  how: Word;
  says: (f: Figures) => ComponentChildren;
  /** How many there are: below `few` nothing is drawn. */
  few: (f: Figures) => number;
  table: (f: Figures) => ComponentChildren;
  children: (f: Figures) => ComponentChildren;
}) {
  const [asTable, setTable] = useState(false);
  const words = plot === 'topics' || plot === 'articles' ? (['all', 'most'] as const) : (['table', 'plot'] as const);
  const f = from.data;
  const n = f ? few(f) : 0;
  const enough = f && n >= f.few;
  return (
    <section class={`card plot-card${wide ? ' full' : ''}`} aria-labelledby={`plot-${name}`} data-plot={name} aria-busy={!f && !from.error}>
      <header>
        <h3 id={`plot-${name}`}>{t(name)}</h3>
        {n > 0 && (
          <>
            {enough && <IconButton icon={asTable ? 'chart' : 'list'} label={`${t(asTable ? words[1] : words[0])}: ${t(name)}`} pressed={asTable} onClick={() => setTable(!asTable)} />}
            <a class="icon-button" href={csvAddress(site, plot, range)} download aria-label={`${t('csv')}: ${t(name)}`} title={t('csv')}>
              <Icon name="download" size={17} />
            </a>
          </>
        )}
      </header>
      {from.error && !f ? (
        <Failure text={from.error} retry={() => void from.again()} />
      ) : !f ? (
        <Skeleton rows={4} />
      ) : n === 0 ? (
        <p class="plot-none">{t('none')}</p>
      ) : (
        <>
          {enough ? <p class="plot-says">{says(f)}</p> : <p class="plot-none">{t('few', { n, few: f.few })}</p>}
          {!enough ? <Few f={f} open={open} /> : asTable ? table(f) : children(f)}
        </>
      )}
      <details class="plot-how">
        <summary>
          {t('how')}
          <span class="unseen">: {t(name)}</span>
        </summary>
        <p>{t(how)}</p>
      </details>
    </section>
  );
}

/** What there is where it is too little to be drawn. */
function Few({ f, open }: { f: Figures; open: Open }) {
  return (
    <ul class="legend">
      {f.series
        .filter((s) => s.now.n > 0)
        .map((s) => (
          <li key={s.key}>
            <button type="button" class="key" onClick={() => open(f, s.key)}>
              {s.title || labelOf(s.key)} <strong>{number(s.now.n)}</strong>
            </button>
          </li>
        ))}
    </ul>
  );
}

/** A plot over time. */
export function TimeCard(props: CardProps) {
  const { plot, open } = props;
  return (
    <Frame {...props} how={`${plot}_how` as Word} says={sentence} few={(f) => sum(drawn(f).map((s) => s.now))} table={(f) => <Table f={f} open={open} />}>
      {(f) => <Drawn f={f} name={t(props.name)} open={open} />}
    </Frame>
  );
}

function Drawn({ f, name, open }: { f: Figures; name: string; open: Open }) {
  const d = useMemo(() => drawing(f), [f]);
  const nothing = !d.kinds.some((k) => k.values.some((v) => v !== null));
  return (
    <>
      <Legend f={f} open={open} />
      {nothing ? (
        <p class="plot-none">{t('few_each', { few: f.few })}</p>
      ) : (
        <Chart
          label={`${name}. ${sentence(f)}`}
          hint={t('hint_keys')}
          say={(when, what, v) => t('spoken_point', { when, what, value: v })}
          drawing={d}
          open={(key, bucket) => open(f, key, f.buckets[bucket]!.from)}
        />
      )}
    </>
  );
}

/** A piece of what a kind looks like. */
export function Swatch({ look, line }: { look: Look; line?: boolean }) {
  const ink = `var(${look.ink})`;
  const soft = `var(${look.soft})`;
  const mark = { stroke: ink, fill: 'none', strokeWidth: 1.6 };
  return (
    <svg class="swatch" width="16" height="12" viewBox="0 0 16 12" aria-hidden="true">
      {line ? (
        <path d="M0 6h16" style={{ stroke: ink, strokeWidth: 2.5, strokeDasharray: look === LOOKS.far ? '5 3' : 'none' }} />
      ) : (
        <>
          <rect x="0.5" y="0.5" width="15" height="11" rx="2" style={{ fill: look.fill === 'solid' ? ink : soft, stroke: ink }} />
          {look.fill !== 'solid' && look.fill !== 'dots' && <path d="M2 10 10 2M7 11 15 3" style={mark} />}
          {look.fill === 'cross' && <path d="M2 2l8 8M7 1l8 8" style={mark} />}
          {look.fill === 'dots' && <path d="M4 4h.1M9 4h.1M13 4h.1M6.5 8h.1M11 8h.1" style={{ ...mark, strokeWidth: 2.4, strokeLinecap: 'round' }} />}
        </>
      )}
    </svg>
  );
}

/** The kinds with their figures over the whole range; each opens what is behind it. */
function Legend({ f, open }: { f: Figures; open: Open }) {
  const plot = f.plot as Plot;
  const all = sum(f.series.map((s) => s.now));
  const lines = value(plot, f.series[0]!.now) !== null && (plot === 'first_answer' || plot === 'wait' || plot === 'confidence' || plot === 'edits');
  const s = f.series[0]!;
  if (lines) {
    const far = plot === 'first_answer' || plot === 'wait';
    return (
      <ul class="legend">
        <li>
          <button type="button" class="key" onClick={() => open(f, s.key)}>
            <Swatch look={LOOKS.line!} line />
            {t('median')} <strong>{shown(plot, s.now.p50 ?? 0)}</strong>
          </button>
        </li>
        <li class="key">
          {far ? <Swatch look={LOOKS.far!} line /> : <Swatch look={{ ...LOOKS.line!, ink: '--accent-soft' }} />}
          {t(far ? 'p95' : 'quartiles')} <strong>{far ? duration(s.now.p95 ?? 0) : `${shown(plot, s.now.p25 ?? 0)} – ${shown(plot, s.now.p75 ?? 0)}`}</strong>
        </li>
        {plot === 'wait' && f.series[1]!.now.n > 0 && (
          <li>
            <button type="button" class="key" onClick={() => open(f, 'unanswered')}>
              <Icon name="warning" size={14} />
              {plural('wait_unanswered', f.series[1]!.now.n)}
            </button>
          </li>
        )}
      </ul>
    );
  }
  return (
    <ul class="legend">
      {f.series.map((x) => (
        <li key={x.key}>
          <button type="button" class="key" disabled={x.now.n === 0} onClick={() => open(f, x.key)}>
            <Swatch look={LOOKS[x.key]!} />
            {labelOf(x.key)} <strong>{plot === 'cost' ? shown(plot, x.now.mean ?? 0) : percent(x.now.n / Math.max(1, all))}</strong>
          </button>
        </li>
      ))}
    </ul>
  );
}

/** The same figures, each a button where there is something behind it. */
function Table({ f, open }: { f: Figures; open: Open }) {
  const plot = f.plot as Plot;
  const quantiles = plot === 'confidence' || plot === 'edits' ? (['p50', 'p25', 'p75'] as const) : plot === 'first_answer' || plot === 'wait' ? (['p50', 'p95'] as const) : [];
  const rows = f.buckets.map((b, i) => ({ b, i })).filter(({ i }) => f.series.some((s) => s.points[i]!.n > 0));
  const names = { p50: t('median'), p25: '25 %', p75: '75 %', p95: t('p95') };
  return (
    <div class="plot-table" tabIndex={0} role="group" aria-label={t(f.plot as Word)}>
      <table>
        <thead>
          <tr>
            <th scope="col">{t(f.by)}</th>
            {f.series.map((s) => (
              <th scope="col" key={s.key}>
                {quantiles.length && f.series.length === 1 ? t('count') : labelOf(s.key)}
              </th>
            ))}
            {quantiles.map((q) => (
              <th scope="col" key={q}>
                {names[q]}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ b, i }) => (
            <tr key={b.from}>
              <th scope="row">{whenOf(b, f.by)}</th>
              {f.series.map((s) => {
                const m = s.points[i]!;
                const text = plot === 'cost' ? shown(plot, m.mean ?? 0) : number(m.n);
                return (
                  <td key={s.key}>
                    {m.n > 0 ? (
                      <button type="button" class="figure" aria-label={t('spoken_point', { when: whenOf(b, f.by), what: labelOf(s.key), value: text })} onClick={() => open(f, s.key, b.from)}>
                        {text}
                      </button>
                    ) : (
                      '–'
                    )}
                  </td>
                );
              })}
              {quantiles.map((q) => (
                <td key={q}>{f.series[0]!.points[i]![q] === undefined ? '–' : shown(plot, f.series[0]!.points[i]![q]!)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
