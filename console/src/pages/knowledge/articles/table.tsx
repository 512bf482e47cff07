/** A page of articles: a table where there is room, cards on a phone. */
import { date, moment, number, when } from '../../../i18n';
import { now } from '../../../state/clock';
import { follow, go, to } from '../../../state/router';
import { Badge } from '../../../ui/pieces';
import { Glyph } from './glyph';
import { stepTitles } from './keys';
import { change, type Query, type Sort } from './query';
import type { ArticleRow, State } from './types';
import { age, plural, sourceName, t } from './words';

const TONES: Record<State, string> = { draft: 'plain', published: 'good', changed: 'accent', scheduled: 'bot', unpublished: 'warn' };

export function StateBadge({ state }: { state: State }) {
  return <Badge tone={TONES[state]}>{t(`state_${state}`)}</Badge>;
}

export function Table({ site, q, items, show }: { site: string; q: Query; items: readonly ArticleRow[]; show: (q: Query) => void }) {
  const head = (name: string, sort?: Sort, more = '') => (
    <th scope="col" class={more} aria-sort={sort && q.sort === sort ? (sort === 'title' ? 'ascending' : 'descending') : undefined}>
      {sort ? (
        <button type="button" onClick={() => show(change(q, { sort }))} title={t('sort_by', { name })}>
          {name}
        </button>
      ) : (
        name
      )}
    </th>
  );
  return (
    <div class="articles-box">
      <table
        class="articles-table"
        onKeyDown={(e) => {
          if (e.key !== 'ArrowDown' && e.key !== 'ArrowUp') return;
          e.preventDefault();
          stepTitles(e.key === 'ArrowDown' ? 1 : -1);
        }}
      >
        <caption class="unseen">{t('articles')}</caption>
        <thead>
          <tr>
            {head(t('title'), 'title')}
            {head(t('state'))}
            {head(t('language'))}
            {head(t('last_change'), 'updated')}
            {head(t('answers'), 'answered', 'figure')}
            {head(t('thumbs'), 'failing', 'figure')}
            {head(t('to_person'), undefined, 'figure')}
            {head(t('age'), 'age')}
          </tr>
        </thead>
        <tbody>
          {items.map((a) => (
            <Line key={a.id} site={site} a={a} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Line({ site, a }: { site: string; a: ArticleRow }) {
  const href = to.knowledge(site, 'articles', a.id);
  const s = a.stats;
  return (
    <tr onClick={(e) => !(e.target as Element).closest('a') && !getSelection()?.toString() && go(href)}>
      <th scope="row">
        <a class="article-title" href={href} onClick={follow}>
          {a.title || t('untitled')}
        </a>
        <p class="article-facts">
          {a.audience !== 'everyone' && <Badge tone="warn">{t(`audience_${a.audience}`)}</Badge>}
          {a.tags?.slice(0, 3).map((x) => <Badge key={x}>{x}</Badge>)}
          {a.tags?.length > 3 && <span>+{a.tags.length - 3}</span>}
          {a.source !== 'console' && <span>{t('from_source', { name: sourceName(a.source) })}</span>}
        </p>
      </th>
      <td class="state">
        <StateBadge state={a.state} />
        {a.publish_at && <p class="hint">{moment(a.publish_at)}</p>}
      </td>
      <td class="locale">{a.locale}</td>
      <td class="change">
        <time dateTime={a.updated_at} title={moment(a.updated_at)}>
          {when(a.updated_at, now.peek())}
        </time>
        {a.updated_by && <p class="hint">{a.updated_by}</p>}
      </td>
      <td class="figure">
        <Figure n={s.answered} words={plural('answered', s.answered)} />
      </td>
      <td class="figure">
        <span class="unseen">{t('thumbs_words', { up: s.up, down: s.down })}</span>
        {s.up + s.down > 0 ? (
          <span class="thumbs" aria-hidden="true">
            <span>
              <Glyph name="up" size={13} /> {number(s.up)}
            </span>
            <span class={s.down > s.up ? 'bad' : ''}>
              <Glyph name="down" size={13} /> {number(s.down)}
            </span>
          </span>
        ) : (
          <span aria-hidden="true">–</span>
        )}
      </td>
      <td class="figure">
        <Figure n={s.handoffs} words={plural('handed_on', s.handoffs)} />
      </td>
      <td class="age">
        {age(a.updated_at, now.peek())}
        {a.due ? (
          <p>
            <Badge tone="warn">{t('review_due')}</Badge>
          </p>
        ) : (
          a.review_on && <p class="hint">{t('review_by', { date: date(a.review_on) })}</p>
        )}
      </td>
    </tr>
  );
}

/** A number under its heading; read aloud, and on a phone, with what it counts. */
function Figure({ n, words }: { n: number; words: string }) {
  return (
    <>
      <span class="figure-number" aria-hidden="true">
        {n ? number(n) : '–'}
      </span>
      <span class="figure-words">{words}</span>
    </>
  );
}
