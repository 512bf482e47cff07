/** Plots that compare things by name: each is a bar with its words beside it, and every part of it a button. */
import { number, percent } from '../../../i18n';
import type { Figures, Measure, Series } from './ask';
import { Frame, Swatch, type CardProps, type Open } from './card';
import { LOOKS } from './looks';
import { movedBy, sum } from './say';
import { sentence } from './drawings';
import { plural, t } from './words';

export function TopicsCard(props: CardProps) {
  const rows = (f: Figures) => <Topics f={f} open={props.open} />;
  return (
    <Frame {...props} how="topics_how" says={sentence} few={(f) => sum(f.series.map((s) => s.now))} table={rows}>
      {rows}
    </Frame>
  );
}

function Topics({ f, open }: { f: Figures; open: Open }) {
  const all = sum(f.series.map((s) => s.now));
  const most = Math.max(...f.series.map((s) => s.now.n));
  return (
    <ul class="bars">
      {f.series
        .filter((s) => s.now.n > 0)
        .map((s) => (
          <li key={s.key}>
            <button type="button" class="bar-row" onClick={() => open(f, s.key)}>
              <span class="bar-name">{s.title}</span>
              <span class="bar-figures">
                <strong>{percent(s.now.n / all)}</strong> {number(s.now.n)}
                <span class="hint">{movedBy(s.now.n, s.before.n)}</span>
              </span>
              <span class="bar-track" aria-hidden="true">
                <span class="bar-part solid" style={{ width: `${(s.now.n / most) * 100}%` }} />
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

const SHOWN = 8;

export function ArticlesCard(props: CardProps) {
  const fails = props.name === 'fails';
  const count = (a: Article) => (fails ? a.failed : a.of.worked.n);
  const top = (f: Figures) =>
    articles(f.series)
      .filter((a) => count(a) > 0)
      .sort((a, b) => count(b) - count(a))
      .slice(0, SHOWN);
  const says = (f: Figures) => {
    const first = top(f)[0];
    if (!first) return t('fails_none');
    return t(fails ? 'fails_says' : 'works_says', { title: first.title, n: count(first), of: first.all });
  };
  const rows = (f: Figures) => <Articles f={f} list={top(f)} open={props.open} />;
  return (
    <Frame {...props} how={fails ? 'fails_how' : 'works_how'} says={says} few={(f) => sum(f.series.map((s) => s.now))} table={rows}>
      {rows}
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
            <span class="bar-row">
              <span class="bar-name">{a.title}</span>
              <span class="bar-figures hint">{percent(a.of.worked.n / a.all)}</span>
              <span class="bar-track parts" role="group" aria-label={t('articles_row', { title: a.title, worked: a.of.worked.n, down: a.of.down.n, person: a.of.person.n })}>
                {FATES.filter((fate) => a.of[fate].n > 0).map((fate) => (
                  <button
                    key={fate}
                    type="button"
                    class={`bar-part ${LOOKS[fate]!.fill} ${fate}`}
                    style={{ width: `${(a.of[fate].n / most) * 100}%` }}
                    title={`${name(fate)}: ${number(a.of[fate].n)}`}
                    aria-label={`${a.title}, ${name(fate)}: ${number(a.of[fate].n)}, ${plural('conversations', a.of[fate].conversations)}`}
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
