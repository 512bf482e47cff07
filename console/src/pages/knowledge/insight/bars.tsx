/** Plots that compare things by name: each is a bar with its words beside it, and every part of it a button. */
import { number, percent } from '../../../i18n';
import type { Figures, Measure, Series } from './ask';
import { Frame, Swatch, type CardProps, type Open } from './card';
import { LOOKS } from './looks';
import { change, share, sum } from './say';
import { sentence } from './drawings';
import { plural, t } from './words';

const TOPICS = 8;
const ARTICLES = 8;

export function TopicsCard(props: CardProps) {
  return (
    <Frame
      {...props}
      how="topics_how"
      says={sentence}
      few={(f) => sum(f.series.map((s) => s.now))}
      table={(f) => <Topics f={f} most={f.series.length} open={props.open} />}
    >
      {(f) => <Topics f={f} most={TOPICS} open={props.open} />}
    </Frame>
  );
}

function Topics({ f, most, open }: { f: Figures; most: number; open: Open }) {
  const all = sum(f.series.map((s) => s.now));
  const longest = Math.max(...f.series.map((s) => s.now.n));
  return (
    <ul class="bars">
      {f.series
        .filter((s) => s.now.n > 0)
        .slice(0, most)
        .map((s) => (
          <li key={s.key}>
            <button type="button" class="bar-row" onClick={() => open(f, s.key)}>
              <span class="bar-name">{s.title}</span>
              <span class="bar-figures">
                <strong>{percent(s.now.n / all)}</strong> {number(s.now.n)}
                <span class="hint bar-change">{change(s.now.n, s.before.n)}</span>
              </span>
              <span class="bar-track" aria-hidden="true">
                <span class="bar-part solid" style={{ width: `${(s.now.n / longest) * 100}%` }} />
              </span>
            </button>
          </li>
        ))}
    </ul>
  );
}

const FATES = ['worked', 'down', 'person'] as const;

interface Article {
  id: string;
  title: string;
  of: Record<(typeof FATES)[number], Measure>;
  all: number;
  failed: number;
}

const NOTHING: Measure = { n: 0, conversations: 0 };

function articles(list: Series[]): Article[] {
  const of = new Map<string, Article>();
  for (const s of list) {
    const [id = '', fate = ''] = s.key.split('/');
    const a = of.get(id) ?? { id, title: s.title || t('gone_article'), of: { worked: NOTHING, down: NOTHING, person: NOTHING }, all: 0, failed: 0 };
    a.of[fate as 'worked'] = s.now;
    a.all += s.now.n;
    if (fate !== 'worked') a.failed += s.now.n;
    of.set(id, a);
  }
  return [...of.values()];
}

/** Those that fail more often than the others, or half of the time, and those that do not: the most by number first. */
function split(f: Figures, fails: boolean): Article[] {
  const all = articles(f.series);
  const usual = share(all.reduce((n, a) => n + a.failed, 0), all.reduce((n, a) => n + a.all, 0));
  const failing = (a: Article) => a.failed / a.all > usual || a.failed / a.all >= 0.5;
  const count = (a: Article) => (fails ? a.failed : a.of.worked.n);
  return all.filter((a) => failing(a) === fails && count(a) > 0).sort((a, b) => count(b) - count(a));
}

export function ArticlesCard(props: CardProps) {
  const fails = props.name === 'fails';
  const says = (f: Figures) => {
    const first = split(f, fails)[0];
    if (!first) return fails ? t('fails_none') : t('works_none');
    return fails ? t('fails_says', { title: first.title, n: first.failed, of: first.all }) : t('works_says', { title: first.title, n: first.of.worked.n });
  };
  return (
    <Frame
      {...props}
      how={fails ? 'fails_how' : 'works_how'}
      says={says}
      few={(f) => sum(f.series.map((s) => s.now))}
      table={(f) => <Articles f={f} list={split(f, fails)} open={props.open} />}
    >
      {(f) => <Articles f={f} list={split(f, fails).slice(0, ARTICLES)} open={props.open} />}
    </Frame>
  );
}

function Articles({ f, list, open }: { f: Figures; list: Article[]; open: Open }) {
  const most = Math.max(...list.map((a) => a.all), 1);
  return (
    <>
      <ul class="legend">
        {FATES.map((fate) => (
          <li key={fate} class="key">
            <Swatch look={LOOKS[fate]!} />
            {name(fate)}
          </li>
        ))}
      </ul>
      <ul class="bars">
        {list.map((a) => (
          <li key={a.id}>
            <span class="bar-row article">
              <span class="bar-name" title={a.title}>
                {a.title}
              </span>
              <span class="bar-figures">
                <span class="hint">{t('worked_share', { n: percent(a.of.worked.n / a.all) })}</span>
                {FATES.filter((fate) => a.of[fate].n > 0).map((fate) => (
                  <button
                    key={fate}
                    type="button"
                    class="key"
                    title={name(fate)}
                    aria-label={`${a.title}, ${name(fate)}: ${number(a.of[fate].n)}, ${plural('conversations', a.of[fate].conversations)}`}
                    onClick={() => open(f, `${a.id}/${fate}`)}
                  >
                    <Swatch look={LOOKS[fate]!} />
                    {number(a.of[fate].n)}
                  </button>
                ))}
              </span>
              {/* The same by mouse alone: a part may be too small to be hit. */}
              <span class="bar-track parts" aria-hidden="true">
                {FATES.filter((fate) => a.of[fate].n > 0).map((fate) => (
                  <span
                    key={fate}
                    class={`bar-part ${LOOKS[fate]!.fill} ${fate}`}
                    style={{ width: `${(a.of[fate].n / most) * 100}%` }}
                    title={`${name(fate)}: ${number(a.of[fate].n)}`}
                    onClick={() => open(f, `${a.id}/${fate}`)}
                  />
                ))}
              </span>
            </span>
          </li>
        ))}
      </ul>
    </>
  );
}

const name = (fate: (typeof FATES)[number]) => t(fate === 'worked' ? 'series_worked' : fate === 'down' ? 'series_thumb' : 'series_person');
