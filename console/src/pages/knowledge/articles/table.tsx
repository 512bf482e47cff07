/** A page of articles: a table where there is room, cards on a phone. */
import { date, moment, number, when } from '../../../i18n';
import { now } from '../../../state/clock';
import { follow, to } from '../../../state/router';
import { Badge } from '../../../ui/pieces';
import { refined, type Place } from '../listing';
import { Glyph } from './glyph';
import { stepTitles } from './keys';
import { sortOf, type Sort } from './query';
import type { ArticleRow, State } from './types';
import { age, sourceName, t } from './words';

const TONES: Record<State, string> = { draft: 'plain', published: 'good', changed: 'accent', scheduled: 'bot', unpublished: 'warn' };
const TAGS = 3; // that a row shows

export function StateBadge({ state }: { state: State }) {
  return <Badge tone={TONES[state]}>{t(`state_${state}`)}</Badge>;
}

export function Table({ place, items, stale }: { place: Place; items: readonly ArticleRow[]; stale: boolean }) {
  const sorted = sortOf(place.query);
  const head = (name: string, sort?: Sort, more = '') => (
    <th scope="col" class={more} aria-sort={sort && sorted === sort ? (sort === 'title' ? 'ascending' : 'descending') : undefined}>
      {sort ? (
        <a href={refined(place, { sort: sort === 'updated' ? '' : sort })} onClick={follow} title={t('sort_by', { name })}>
          {name}
        </a>
      ) : (
        name
      )}
    </th>
  );
  return (
    <div class={`card table-box listing articles-table${stale ? ' stale' : ''}`} aria-busy={stale || undefined}>
      <table
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
            {head(t('answers'), 'answered', 'number')}
            {head(t('thumbs'), 'failing', 'number')}
            {head(t('to_person'), undefined, 'number')}
            {head(t('age'), 'age')}
          </tr>
        </thead>
        <tbody>
          {items.map((a) => (
            <Line key={a.id} site={place.site} a={a} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Line({ site, a }: { site: string; a: ArticleRow }) {
  const s = a.stats;
  const tags = a.tags ?? [];
  return (
    <tr>
      <th scope="row">
        <a class="article-title" href={to.knowledge(site, 'articles', a.id)} onClick={follow}>
          {a.title || t('untitled')}
        </a>
        {(tags.length > 0 || a.audience !== 'everyone' || a.source !== 'console') && (
          <p class="article-facts">
            {a.audience !== 'everyone' && <Badge tone="warn">{t(`audience_${a.audience}`)}</Badge>}
            {tags.slice(0, TAGS).map((x) => (
              <Badge key={x}>{x}</Badge>
            ))}
            {tags.length > TAGS && <span>+{tags.length - TAGS}</span>}
            {a.source !== 'console' && <span>{t('from_source', { name: sourceName(a.source) })}</span>}
          </p>
        )}
      </th>
      <td>
        <StateBadge state={a.state} />
        {a.publish_at && <p class="hint">{moment(a.publish_at)}</p>}
      </td>
      <td>{a.locale}</td>
      <td class="article-change">
        <time dateTime={a.updated_at} title={moment(a.updated_at)}>
          {when(a.updated_at, now.peek())}
        </time>{' '}
        {a.updated_by && <span class="hint">{a.updated_by}</span>}
      </td>
      <td class="number" data-label={t('answers')}>
        {number(s.answered)}
      </td>
      <td class="number" data-label={t('thumbs')}>
        <span class="unseen">{t('thumbs_words', { up: s.up, down: s.down })}</span>
        {s.up + s.down === 0 ? (
          <span aria-hidden="true">–</span>
        ) : (
          <span class="thumbs" aria-hidden="true">
            <span>
              <Glyph name="up" size={13} /> {number(s.up)}
            </span>
            <span class={s.down > s.up ? 'bad' : ''}>
              <Glyph name="down" size={13} /> {number(s.down)}
            </span>
          </span>
        )}
      </td>
      <td class="number" data-label={t('to_person')}>
        {number(s.handoffs)}
      </td>
      <td class="article-age" data-label={t('age')}>
        {age(a.updated_at, now.peek())}{' '}
        {a.due ? <Badge tone="warn">{t('review_due')}</Badge> : a.review_on && <span class="hint">{t('review_by', { date: date(a.review_on) })}</span>}
      </td>
    </tr>
  );
}
