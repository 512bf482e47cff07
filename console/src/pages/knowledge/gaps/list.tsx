/** The list of gaps: those that most shoppers ran into lately first. */
import { useEffect } from 'preact/hooks';
import { languageName, number, when } from '../../../i18n';
import { now } from '../../../state/clock';
import { follow, go, to } from '../../../state/router';
import { failed, toast } from '../../../state/toasts';
import { IconButton } from '../../../ui/button';
import { Icon } from '../../../ui/icon';
import { Badge, Empty, Failure, Skeleton } from '../../../ui/pieces';
import { FilterSelect, NoneFit, offsetOf, PAGE, Pager, SearchField, StateTabs, useRows, type Place } from '../listing';
import { gapsOf } from './api';
import { Trend } from './trend';
import { REASONS, STATES, type Gap, type GapState, type Listed } from './types';
import { plural, t } from './words';

/** While questions are being sorted, news comes soon. */
const SOON_MS = 2500;
const LATER_MS = 20_000;

const back = { site: '', href: '' };

/** Where somebody goes back to from a gap: the list as it was filtered. */
export const listOf = (site: string): string => (back.site === site ? back.href : to.knowledge(site, 'gaps'));

export function GapList({ site, query }: { site: string; query: URLSearchParams }) {
  const place: Place = { site, tab: 'gaps', query };
  const filters = query.toString();
  const state = STATES.find((s) => s === query.get('state')) ?? 'open';
  const of = (name: string) => query.get(name) ?? '';
  const asked = { q: of('q'), locale: of('locale'), reason: of('reason'), sort: of('sort') };
  const got = useRows(() => gapsOf(site).list({ ...asked, state, limit: PAGE, offset: offsetOf(query) }), [site, filters], site);
  const { data } = got;
  useEffect(() => {
    Object.assign(back, { site, href: to.knowledge(site, 'gaps', '', Object.fromEntries(query)) });
  }, [site, filters]);

  // Gaps grow while one looks at them.
  useEffect(() => {
    const timer = setInterval(() => document.visibilityState === 'visible' && void got.again(), data?.waiting ? SOON_MS : LATER_MS);
    return () => clearInterval(timer);
  }, [got.again, (data?.waiting ?? 0) > 0]);

  const filtered = Boolean(asked.q || asked.locale || asked.reason);
  return (
    <>
      <div class="page-head">
        <h2>{t('gaps')}</h2>
      </div>
      <p class="lead">{t('lead')}</p>
      <StateTabs place={place} now={state === 'open' ? '' : state} states={STATES.map((s) => ({ value: s === 'open' ? '' : s, label: t(`states_${s}`), count: data?.counts?.[s] }))} />
      <div class="filters">
        <SearchField place={place} label={t('search')} />
        <FilterSelect place={place} name="reason" label={t('why')} options={[{ value: '', label: t('any_reason') }, ...REASONS.map((r) => ({ value: r, label: t(`reason_${r}`) }))]} />
        {((data?.locales ?? []).length > 1 || asked.locale) && (
          <FilterSelect place={place} name="locale" label={t('language')} options={[{ value: '', label: t('any_language') }, ...(data?.locales ?? []).map((l) => ({ value: l, label: languageName(l) }))]} />
        )}
        <FilterSelect
          place={place}
          name="sort"
          label={t('order')}
          options={[
            { value: '', label: t('sort_rank') },
            { value: 'recent', label: t('sort_recent') },
            { value: 'size', label: t('sort_size') },
          ]}
        />
      </div>
      {data && data.waiting > 0 && <Waiting n={data.waiting} />}
      {got.error && !data ? (
        <Failure text={got.error} retry={() => void got.again()} />
      ) : !data ? (
        <Skeleton rows={7} />
      ) : (data.items ?? []).length > 0 ? (
        <Rows site={site} gaps={data.items} mixed={(data.locales ?? []).length > 1} stale={got.stale} changed={got.again} />
      ) : filtered || offsetOf(query) > 0 ? (
        <NoneFit place={place} keep={['state', 'sort']} />
      ) : (
        <Nothing state={state} data={data} />
      )}
      {data && <Pager place={place} total={data.total} />}
    </>
  );
}

function Waiting({ n }: { n: number }) {
  return (
    <p class="waiting" role="status">
      <span class="spinner" aria-hidden="true" />
      {plural('waiting', n)}
    </p>
  );
}

function Nothing({ state, data }: { state: GapState; data: Listed }) {
  if (state !== 'open')
    return (
      <Empty icon={state === 'closed' ? 'resolve' : 'file'} title={t(`none_${state}`)}>
        <p>{t(`none_${state}_hint`)}</p>
      </Empty>
    );
  const { closed, drafted } = data.counts;
  return (
    <Empty icon="resolve" title={t(closed || drafted ? 'none_open_left' : 'none_open')}>
      <p>{drafted ? plural('none_but_drafted', drafted) : closed ? plural('none_but_closed', closed) : t('none_yet')}</p>
      <p>{t('none_hint')}</p>
    </Empty>
  );
}

function Rows({ site, gaps, mixed, stale, changed }: { site: string; gaps: Gap[]; mixed: boolean; stale: boolean; changed: () => Promise<void> }) {
  return (
    <div class={`card table-box listing gaps${stale ? ' stale' : ''}`} aria-busy={stale} tabIndex={0} role="region" aria-label={t('gaps')}>
      <table>
        <thead>
          <tr>
            <th scope="col">{t('matter')}</th>
            <th scope="col" class="number">
              {t('shoppers')}
            </th>
            <th scope="col" class="number">
              {t('questions')}
            </th>
            <th scope="col">{t('two_weeks')}</th>
            <th scope="col">{t('last_asked')}</th>
            <th scope="col">
              <span class="unseen">{t('actions')}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {gaps.map((g) => (
            <tr key={g.id}>
              <th scope="row">
                <a href={to.knowledge(site, 'gaps', g.id)} onClick={follow}>
                  {g.title}
                </a>
                <Reasons gap={g} mixed={mixed} />
              </th>
              <td class="number" data-label={t('shoppers')}>
                {number(g.shoppers)}
              </td>
              <td class="number" data-label={t('questions')}>
                {number(g.questions)}
              </td>
              <td>
                <Trend days={g.trend} />
              </td>
              <td data-label={t('last_asked')}>
                <time dateTime={g.last_at}>{when(g.last_at, now.peek())}</time>
              </td>
              <td class="above">
                <Quick site={site} gap={g} changed={changed} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Why it counts as a gap, the commonest first; where languages are mixed, which it is in. */
export function Reasons({ gap, mixed = true }: { gap: Gap; mixed?: boolean }) {
  const why = REASONS.filter((r) => gap.reasons[r]).sort((a, b) => gap.reasons[b]! - gap.reasons[a]!);
  return (
    <span class="badges">
      {why.map((r) => (
        <Badge key={r} tone={r === 'thumbs_down' ? 'bad' : r === 'not_found' ? 'warn' : r === 'agent_answered' ? 'accent' : 'plain'}>
          {t('reason_n', { reason: t(`reason_${r}`), n: gap.reasons[r]! })}
        </Badge>
      ))}
      {mixed && gap.locale && <Badge icon="language">{languageName(gap.locale)}</Badge>}
      {gap.article && gap.state !== 'open' && (
        <Badge icon="file">
          <span class="unseen">{t('article')}: </span>
          {gap.article.title}
        </Badge>
      )}
    </span>
  );
}

/** What can be done to a gap without opening it; what was done can be undone. */
function Quick({ site, gap, changed }: { site: string; gap: Gap; changed: () => Promise<void> }) {
  if (gap.state === 'dismissed') return <IconButton icon="reopen" label={t('reopen_named', { name: gap.title })} onClick={() => void reopen(site, gap, changed)} />;
  if (gap.state !== 'open') return <Icon name="chevronRight" />;
  return <IconButton icon="close" label={t('dismiss_named', { name: gap.title })} onClick={() => void dismiss(site, gap, changed)} />;
}

export async function dismiss(site: string, gap: Gap, changed: () => unknown): Promise<void> {
  try {
    await gapsOf(site).dismiss(gap.id);
    toast(t('dismissed_named', { name: gap.title }), 'ok', { label: t('undo'), run: () => void reopen(site, gap, changed) });
    await changed();
  } catch (err) {
    failed(err);
  }
}

export async function reopen(site: string, gap: Gap, changed: () => unknown): Promise<void> {
  try {
    await gapsOf(site).reopen(gap.id);
    toast(t('reopened_named', { name: gap.title }), 'ok', { label: t('show'), run: () => go(to.knowledge(site, 'gaps', gap.id)) });
    await changed();
  } catch (err) {
    failed(err);
  }
}
